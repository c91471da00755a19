"""What each look inside shows: the panels and sentences to draw, and a record of the numbers for a program."""
