"""Raw tables: how they are read, and how tables like them are written."""
