"""Catalogues: the messages of a program and their translations."""
