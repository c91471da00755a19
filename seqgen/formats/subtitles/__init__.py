"""Subtitles: what is said, and when it is shown."""
