"""Inlines a name with rope. Imported lazily: rope is loaded here."""
