"""What a model is told first, as text files: one for each form in which it can give its changes.

The texts are part of the protocol with the model: a change of one is a change of `VERSION`.
"""

from __future__ import annotations

from pathlib import Path

VERSION = 1


def instructions(edit_format: str) -> str:
    """The text for one of the presets' edit formats ("unified", "envelope", "search", "whole"), or
    "ask"."""
    return Path(__file__).with_name(f"{edit_format}.md").read_text("utf-8").strip()
