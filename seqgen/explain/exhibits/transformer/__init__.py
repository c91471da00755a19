"""Looks inside Transformers: attention, layers, positions."""
