"""How a model runs: one protocol, one file for each way. Imports no other room."""
