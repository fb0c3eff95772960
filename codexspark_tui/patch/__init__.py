"""patch/: read a model's patch, find where it belongs, apply it, turn it round, print it."""
