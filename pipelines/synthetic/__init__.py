"""The synthetic operator: linked source systems that deliver files, injected faults, and the ground truth of both."""
