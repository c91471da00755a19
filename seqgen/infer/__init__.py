"""Engines that run trained networks without torch."""
