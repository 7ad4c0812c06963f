"""Files of rows in batches: tables that need not fit into memory."""
