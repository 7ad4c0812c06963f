"""Export of a student of texts as C."""
