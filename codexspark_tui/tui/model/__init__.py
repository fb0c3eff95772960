"""What the events add up to, as rows and view state: no terminal, no textual, no I/O."""
