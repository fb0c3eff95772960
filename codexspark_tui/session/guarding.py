"""The guards of a turn: what each of its changes is checked against, and what was found.

A hunk is judged on the text in which it was placed, with nothing else applied; what is not whole
by itself (half of a new block) is judged again together with the other hunks of its file, and
hunks that empty a file together break the rule as one that does it alone.
"""

from __future__ import annotations

from collections.abc import Callable

from codexspark_tui.events.facts import Finding
from codexspark_tui.patch import TextFile, apply_resolved, decode
from codexspark_tui.patch.model import (
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
)
from codexspark_tui.session.guards import Rules, Subject
from codexspark_tui.session.judging import Judge
from codexspark_tui.session.placing.desk import Desk
from codexspark_tui.session.review import Change, Review
from codexspark_tui.workspace.tree import LINK_MODE

_SYNTAX = Rules(syntax=True, secrets=False, conflict_markers=False, control_characters=False)
_GONE = ("rejected", "refused", "undone")


def findings_of(
    change: Change, review: Review, desk: Desk, rules: Rules, judge: Judge
) -> tuple[Finding, ...]:
    """What the guards say of a placed change."""
    root = desk.files.workspace.root
    if change.resolved is None:
        return ()
    if not rules.need_texts and not judge.check(Subject(change.resolved, None, None), rules, root):
        return ()  # the texts of a large file are not made for each of its hunks
    before, after = _texts(change, desk)
    many = _lines_before(change, review) if rules.max_lines else 0
    whole = _with_the_others(change, review, desk) if rules.no_delete or rules.syntax else None
    subject = Subject(change.resolved, before, after, many, _reader(desk), whole)
    found = judge.check(subject, rules, root)
    if whole is not None and any(one.rule == "syntax" for one in found):
        subject = Subject(change.resolved, before, whole)
        if not judge.check(subject, _SYNTAX, root):
            found = tuple(one for one in found if one.rule != "syntax")
    return tuple(Finding(one.rule, one.why, one.lines) for one in found)


def _with_the_others(change: Change, review: Review, desk: Desk) -> str | None:
    """The file with all hunks of it that are placed; None where there is no other one."""
    draft = desk.texts.drafts.get(desk.files.key(change.path))
    hunks = [
        c.resolved
        for c in review.changes.values()
        if c.path == change.path and c.state not in _GONE and isinstance(c.resolved, ResolvedHunk)
    ]
    if draft is None or len(hunks) < 2:
        return None
    text = apply_resolved(draft.text, sorted(hunks, key=lambda hunk: hunk.old_start))
    return text if isinstance(text, str) else None


def _texts(change: Change, desk: Desk) -> tuple[str | None, str | None]:
    resolved = change.resolved
    if getattr(resolved, "mode", "") == LINK_MODE or _is_of_link(change, desk):
        return None, None  # where a link leads is no text
    match resolved:
        case ResolvedCreate():
            return None, "".join(line.text + line.end for line in resolved.lines)
        case ResolvedDelete():
            return "".join(line.text + line.end for line in resolved.lines), None
        case ResolvedHunk():
            draft = desk.texts.drafts.get(desk.files.key(change.path))
            if draft is None:
                return None, None
            after = apply_resolved(draft.text, [resolved])
            return draft.text, after if isinstance(after, str) else None
        case ResolvedMode():
            return None, None
        case _:
            text = _reader(desk)(change.path)
            return text, text


def _is_of_link(change: Change, desk: Desk) -> bool:
    return desk.files.is_itself(change.path) and desk.files.is_link(change.path)


def _lines_before(change: Change, review: Review) -> int:
    """How many lines the changes before this one add and remove."""
    many = 0
    for other in review.changes.values():
        if other.id == change.id:
            break
        if other.state not in _GONE:
            many += sum(line.sign != " " for line in getattr(other.resolved, "lines", ()))
    return many


def _reader(desk: Desk) -> Callable[[str], str | None]:
    """Texts of other files of the tree; "" for a file that this turn makes."""

    def read(path: str) -> str | None:
        if path in desk.files.promised:
            return ""
        try:
            state = desk.files.now(path)
        except ValueError:
            return None
        text = decode(state.data) if state is not None and state.kind == "file" else None
        return text.text if isinstance(text, TextFile) else None

    return read
