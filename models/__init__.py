"""Analytical models over core and marts: pure functions and declarations, usable without Dagster."""
