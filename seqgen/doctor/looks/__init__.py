"""The looks: each finds a few kinds of what can be wrong."""
