"""guards/: rules that are checked when a change closes, beside being asked of the model."""

from __future__ import annotations

from codexspark_tui.session.guards.rules import Rules, check
from codexspark_tui.session.guards.subject import Found, Subject

__all__ = ["Found", "Rules", "Subject", "check"]
