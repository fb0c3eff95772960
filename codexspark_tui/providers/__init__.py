"""providers/: where answers come from, behind one protocol (model.py)."""
