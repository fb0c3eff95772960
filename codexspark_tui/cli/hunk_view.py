"""How a change looks on a plain terminal: its place, its lines, the question. Text only."""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.actions.tally import Seen
from codexspark_tui.cli.output import colored_hunk, styled, terminal_text
from codexspark_tui.events.facts import AmbiguousAt, PlacedAt
from codexspark_tui.events.visible import visible_line
from codexspark_tui.patch import render_change

CANDIDATES = 9
KEYS = "y,n,q,a,d,j,J,k,K,g,/,s,e,h,p,?"
HELP = """\
y - take this hunk
n - do not take this hunk
q - quit; take neither this hunk nor the remaining ones
a - take this hunk and all later hunks in the file
d - take neither this hunk nor any later one in the file
g - select a hunk to go to
/ - search for a hunk that matches a regular expression
j - leave this hunk undecided, see the next undecided one
J - leave this hunk undecided, see the next one
k - leave this hunk undecided, see the previous undecided one
K - leave this hunk undecided, see the previous one
s - split this hunk into smaller ones
e - edit this hunk in the editor
h - send this hunk with a reason to the heavy model, and go on; its version is shown here
p - print this hunk again
? - print this help
1-9 - where a hunk fits in several places: put it in that one
"""
EDIT_HELP = """\
# Edit the hunk. To leave out a "-" line, make it a " " line (context).
# To leave out a "+" line, delete it. Lines that start with # are removed.
"""


def change_text(seen: Seen, taken: bool, written: Sequence[str], color: bool) -> str:
    """The change for the screen. `written`: its lines as they came, where it is not placed."""
    by = f" · {seen.author}" if seen.author else ""
    parts = [styled(visible_line(f"{seen.path}{place_text(seen, taken)}{by}"), "heading", color)]
    parts += [terminal_text(said) for said in (seen.note, seen.why_not) if said]
    if isinstance(seen.placement, AmbiguousAt):
        places = enumerate(seen.places[:CANDIDATES], 1)
        parts += [f"  {number}. line {line}" for number, line in places]
    resolved = seen.resolved_now
    body = list(written) if resolved is None else render_change(resolved)
    shown = "\n".join(parts) + "\n"
    return shown + (colored_hunk(body) if color else "".join(terminal_text(b) + "\n" for b in body))


def question_text(seen: Seen, number: int, total: str, color: bool) -> str:
    keys = KEYS
    if isinstance(seen.placement, AmbiguousAt):
        most = min(CANDIDATES, len(seen.places))
        keys = f"1-{most},{keys.removeprefix('y,')}"
    what = {"hunk": "hunk", "create": "new file", "delete": "deletion", "mode": "mode change"}
    kind = what.get(seen.kind, seen.kind)
    if seen.view is not None and seen.view.mode == "120000":
        kind = {"create": "new symbolic link", "delete": "deletion of a link"}.get(seen.kind, kind)
    asked = f"({number}/{total}) Take this {kind} [{keys}]? "
    return styled(asked, "place", color)


def place_text(seen: Seen, taken: bool = False) -> str:
    """Where and in which state, in words: ":12 (moved +3) written"."""
    line, moved = "", ""
    if isinstance(seen.placement, PlacedAt) and seen.kind == "hunk":
        line = f":{seen.line_now or seen.placement.line}"
        if seen.placement.moved:
            moved = f" (moved {seen.placement.moved:+d})"
    state = "" if seen.state == "placed" else f" {seen.state}"
    offered = " (offered)" if seen.optional else ""
    return f"{line}{moved}{offered}{' taken' if taken and not state else state}"
