"""Figures from log-probabilities."""
