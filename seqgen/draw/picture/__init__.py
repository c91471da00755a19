"""Panels in a picture file, by matplotlib."""
