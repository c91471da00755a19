"""Tables: a pair, or a text, in each row."""
