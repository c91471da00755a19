"""Training a language model: what only texts have."""
