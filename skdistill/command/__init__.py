"""Parts of the command: its options, the table it reads, and its words."""
