"""What no sender should send: the numbered cases of bad input, each through the whole ingest."""
