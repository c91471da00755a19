"""Drawing: plain values in, text or rich renderables out. rich and matplotlib are imported inside functions."""
