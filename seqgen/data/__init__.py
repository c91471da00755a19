"""Data: files to text, text to what a training step reads."""
