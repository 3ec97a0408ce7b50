"""Promises: contracts as expectations, cross-table rules, movement rules, reconciliation, scorecard."""
