"""What stands in the text that a model has learnt from, character for character: found in a text, or never written."""
