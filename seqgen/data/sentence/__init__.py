"""A sentence on its way to a model and back: where it ends, what is too long, which spellings count as one."""
