"""What a training run shows while it goes on: a live screen on a terminal, plain lines elsewhere."""
