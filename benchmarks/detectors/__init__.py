"""Detectors against the truth of the synthetic operator: one module a subject, each with `scores(home)`."""
