"""tui/screens/: a screen owns its panels and what its actions do."""
