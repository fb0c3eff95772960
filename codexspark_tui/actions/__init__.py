"""actions/: what a user can ask for, without a screen. Faces call these and read their outcomes."""
