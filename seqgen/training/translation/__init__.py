"""Training a translation model: what only pairs have."""
