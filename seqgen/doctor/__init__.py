"""The doctor of pairs and texts: looks for what would hurt a training before hours are spent on it, and says where it is."""
