"""Drawing: plain values in, text or rich renderables out. rich and matplotlib are imported inside functions.

What all ways of drawing share is here; terminal/, picture/, page/ and training/ do not import each other.
"""
