"""Decoding: ids and log-probabilities only; no text, no layers, no files."""
