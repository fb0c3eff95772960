"""What is done at a hunk on a plain terminal but deciding: going to another one (next, previous, by
number, by what it says), editing it, asking another model about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codexspark_tui.actions.editor import edit_text
from codexspark_tui.actions.tally import Seen
from codexspark_tui.cli.hunk_view import EDIT_HELP, place_text
from codexspark_tui.events import commands
from codexspark_tui.events.visible import visible_line
from codexspark_tui.patch import render_change
from codexspark_tui.patch.model import ResolvedHunk
from codexspark_tui.session.deciding.edited import hunk_text

if TYPE_CHECKING:
    from codexspark_tui.cli.hunks import HunkPicker


def move(picker: HunkPicker, seen: Seen, *, forward: bool, any_state: bool) -> bool:
    every = [
        s
        for s in picker.tally.changes.values()
        if s.id == seen.id or s.state not in ("writing", "refused")
    ]
    at = next(i for i, s in enumerate(every) if s.id == seen.id)
    others = every[at + 1 :] if forward else every[:at][::-1]
    found = next((s for s in others if any_state or picker.is_undecided(s)), None)
    if found is None:
        picker.terminal.write_safely(f"There is no {'next' if forward else 'previous'} hunk.\n")
        return False
    return picker.go_to(found.id)


async def go(picker: HunkPicker, number: str) -> bool:
    every = list(picker.tally.changes.values())
    if not number:
        for count, seen in enumerate(every, 1):
            where = place_text(seen, seen.id in picker.kept)
            picker.terminal.write_safely(f"{count:4}. {visible_line(seen.path)}{where}\n")
        number = await picker.terminal.ask("go to which hunk? ") or ""
    if number.isdecimal() and 1 <= int(number) <= len(every):
        return picker.go_to(every[int(number) - 1].id)
    picker.terminal.write_safely(f"There is no hunk {number!r}.\n")
    return False


async def search(picker: HunkPicker, seen: Seen, pattern: str) -> bool:
    pattern = pattern or await picker.terminal.ask("search for regex? ") or ""
    try:
        wanted = re.compile(pattern)
    except re.error as error:
        picker.terminal.write_safely(f"This is not a regular expression: {error}\n")
        return False
    every = list(picker.tally.changes.values())
    at = next(i for i, s in enumerate(every) if s.id == seen.id)
    for other in every[at + 1 :] + every[:at]:
        text = "\n".join(render_change(resolved)) if (resolved := other.resolved_now) else ""
        if wanted.search(text):
            return picker.go_to(other.id)
    picker.terminal.write_safely("No other hunk matches.\n")
    return False


async def escalate(picker: HunkPicker, seen: Seen, why: str) -> bool:
    """Send the hunk to the heavy model, and go on; it stays undecided."""
    why = why or await picker.terminal.ask("Why is the heavy model asked? ") or ""
    picker.send(commands.Escalate(seen.choice, why))
    picker.decided(seen)
    return True


async def edit(picker: HunkPicker, seen: Seen) -> bool:
    shown = seen.resolved_now
    if not isinstance(shown, ResolvedHunk):
        picker.terminal.write_safely("Only a hunk that is placed can be edited.\n")
        return False
    with picker.terminal.lent():
        said = EDIT_HELP + hunk_text(shown)
        text = await edit_text(said, ".diff", picker.terminal.fd)
    if text is None:
        picker.terminal.write_safely("The editor did not end well; the hunk is as it was.\n")
        return False
    return await picker.replace(seen, commands.Edit(seen.choice, text))
