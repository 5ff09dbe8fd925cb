"""What other tools wrote into their files: pure functions from bytes to fields."""
