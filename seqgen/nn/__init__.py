"""Torch modules: recurrent layers whose backward pass is written out, the language model made of them, and its Scorer."""
