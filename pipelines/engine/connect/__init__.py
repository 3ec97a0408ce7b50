"""Connectors: what a database or a remote store holds becomes ordinary deliveries in the landing folder."""
