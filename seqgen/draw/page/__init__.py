"""Panels on an HTML page."""
