"""codexspark: a pair-programming terminal for real-time coding models."""

__version__ = "0.1.0"
