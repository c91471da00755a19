"""Drawing: plain values in, text or rich renderables out. rich and matplotlib are imported inside functions.

Here is what every way of drawing shares; terminal/, picture/, page/ and training/ do not know each other.
"""
