"""tui/widgets/: what paints. They hold no truth of their own: rows come from `tui/model`."""
