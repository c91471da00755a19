"""What a training run shows while it runs: a live screen on a terminal, plain lines elsewhere."""
