"""Several architectures trained on one text in the same time, each in a process of its own, one after another."""
