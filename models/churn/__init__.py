"""Who leaves: definitions, what was known of each line before, the model fitted on it, and its scores."""
