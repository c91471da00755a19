"""Panels in a terminal, as lines of styled text."""
