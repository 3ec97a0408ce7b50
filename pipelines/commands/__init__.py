"""The commands of `bassline`, by what they are for. Everything heavy is imported inside a command, so help is fast."""
