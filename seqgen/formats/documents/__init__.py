"""Documents: running text with markup around it."""
