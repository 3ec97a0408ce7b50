"""The KPI registry and the value store that is computed from it."""
