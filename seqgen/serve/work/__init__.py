"""Threads in which requests are worked on together: lines that are translated, texts that are written."""
