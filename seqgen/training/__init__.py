"""Training: from a text and a budget to a run."""
