"""How the state of a change is said: a sign, a word and a role for its colour.

A state is never told by colour alone. The roles are the names of the component styles of the
diff view.
"""

from __future__ import annotations

from dataclasses import dataclass

from codexspark_tui.events.resolved import ResolvedView
from codexspark_tui.tui.model.board import Item


@dataclass(frozen=True, slots=True)
class Badge:
    sign: str
    word: str
    role: str


_BADGES: dict[str, Badge] = {
    "writing": Badge("…", "writing", "writing"),
    "placed": Badge("○", "open", "placed"),
    "ambiguous": Badge("?", "ambiguous", "ambiguous"),
    "refused": Badge("!", "cannot be placed", "refused"),
    "accepted": Badge("✓", "accepted", "accepted"),
    "written": Badge("✓", "accepted", "accepted"),
    "rejected": Badge("✗", "rejected", "rejected"),
    "stale": Badge("↻", "stale", "stale"),
    "undone": Badge("↶", "undone", "undone"),
    "taken": Badge("✓", "accepted", "accepted"),
}


def badge_of(item: Item) -> Badge:
    badge = _BADGES["taken" if item.taken else item.state]
    if item.state == "placed" and not item.taken and item.moved:
        return Badge("○", f"open, moved {item.moved:+d}", "placed")
    if item.candidates:
        return Badge("?", f"ambiguous, {len(item.candidates)} places", "ambiguous")
    return badge


def place_of(item: Item) -> str:
    """Where it is, in words: "line 12", "new file", "renamed to …"."""
    view = item.view
    match item.kind:
        case "hunk":
            return f"line {item.start}" if item.start else ""
        case "create":
            return f"new {_kind(view)}"
        case "delete":
            return f"{_kind(view)} deleted"
        case "rename":
            verb = "copied" if view is not None and view.copy else "renamed"
            return f"{verb} to {view.to}" if view is not None else verb
        case "mode":
            return f"mode {view.old_mode} → {view.mode}" if view is not None else "mode"


def _kind(view: ResolvedView | None) -> str:
    """What a change makes or takes away; a link is never shown as a file."""
    mode = "" if view is None else view.mode
    return {"120000": "symbolic link", "100755": "executable file"}.get(mode, "file")
