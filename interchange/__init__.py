"""How a file was made, read from and written into its metadata: pure functions on bytes."""
