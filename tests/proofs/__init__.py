"""The promises of the whole system, proven on a synthetic operator from its files to what analysts open."""
