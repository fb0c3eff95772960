"""session/: one conversation in one workspace. Commands in, events out (session.py)."""
