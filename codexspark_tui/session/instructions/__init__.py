"""What a model is told, as text files: first of all one for each form in which it can give its
changes, and with a prompt of ours one for each task ("fix", "explain", "new").

The texts are part of the protocol with the model: a change of one is a change of `VERSION`.
"""

from __future__ import annotations

from pathlib import Path

VERSION = 2


def instructions(edit_format: str) -> str:
    """The text for one of the presets' edit formats ("unified", "envelope", "search", "whole"), or
    "ask"."""
    return Path(__file__).with_name(f"{edit_format}.md").read_text("utf-8").strip()


def task(name: str) -> str:
    """What is said beside the prompt of a task ("fix", "explain", "new")."""
    return Path(__file__).with_name(f"{name}.md").read_text("utf-8").strip()
