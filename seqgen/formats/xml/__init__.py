"""XML: small trees of its elements, read whole with their places, or block by block."""
