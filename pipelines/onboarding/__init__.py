"""The next source system in minutes: look at a file, propose its contract, try a delivery without loading it."""
