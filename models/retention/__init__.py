"""Keeping customers: whom to contact, how many, whom to leave alone for comparison, and what it changed."""
