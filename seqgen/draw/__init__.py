"""Drawing: plain values in, text or rich renderables out. rich is imported inside functions."""
