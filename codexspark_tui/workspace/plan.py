"""From accepted changes to steps: everything is verified here, nothing is written.

`plan` gives either all steps of a decision or all problems of it. A change is refused when the
file is not, byte for byte, the one that it was resolved against.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import assert_never

from codexspark_tui.patch.model import (
    Line,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)
from codexspark_tui.patch.text import TextFile
from codexspark_tui.workspace import rings
from codexspark_tui.workspace.draft import Draft, Entry
from codexspark_tui.workspace.hunks import apply_hunks
from codexspark_tui.workspace.steps import Content, Step
from codexspark_tui.workspace.tree import LINK_MODE, LeftAlone, Tree, refused
from codexspark_tui.workspace.values import Accepted, Problem


@dataclass(frozen=True, slots=True)
class Written:
    """What the ledger must know about one change. Its file is at `path` afterwards, the parts of
    a hunk at the 0-based `lines`; `digest` is of the file that the change alone made (a create, a
    copy) or removed; `raw` are deleted bytes that the change's lines cannot give."""

    accepted: Accepted
    path: str
    lines: tuple[int, ...] = ()
    digest: str = ""
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    written: tuple[Written, ...]


@dataclass(slots=True)
class _Work:
    draft: Draft
    written: dict[str, tuple[Entry, Written]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    hunks: dict[int, tuple[Entry, list[Accepted]]] = field(default_factory=dict)
    with_mode: list[Entry] = field(default_factory=list)
    renames: dict[str, Accepted] = field(default_factory=dict)


def plan(tree: Tree, accepted: Sequence[Accepted]) -> Plan | tuple[Problem, ...]:
    work = _Work(Draft(tree), renames=_renames(accepted))
    seen: set[str] = set()
    for one in accepted:
        try:
            if one.change_id in seen:
                raise refused(one.resolved.path, "the same change was accepted twice")
            seen.add(one.change_id)
            if one.change_id not in work.written:
                _take(work, one)
        except LeftAlone as error:
            work.problems.append(Problem(one.change_id, one.resolved.path, error.why))
    for entry, group in work.hunks.values():
        _apply(work, entry, group)
    if work.problems:
        return tuple(work.problems)
    try:
        steps = work.draft.steps()
    except LeftAlone as error:
        at_fault = [a for a, (e, _) in _pairs(work, accepted) if e.path == error.path]
        return tuple(Problem(a.change_id, a.resolved.path, error.why) for a in at_fault or accepted)
    written = tuple(replace(w, path=e.final_path) for _, (e, w) in _pairs(work, accepted))
    return Plan(tuple(steps), written)


def _pairs(
    work: _Work, accepted: Sequence[Accepted]
) -> list[tuple[Accepted, tuple[Entry, Written]]]:
    return [(one, work.written[one.change_id]) for one in accepted]


def content_of(path: str, lines: Sequence[Line], mode: str) -> Content:
    """The bytes of a new file. Raises `PathRefused` where they cannot be written."""
    try:
        data = "".join(line.text + line.end for line in lines).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise refused(path, f"its text cannot be written as UTF-8: {error.reason}") from error
    if mode == LINK_MODE:
        return Content(data.rstrip(b"\r\n"), LINK_MODE)
    return Content(data, "100755" if mode == "100755" else "100644")


def _renames(accepted: Sequence[Accepted]) -> dict[str, Accepted]:
    """The renames of a decision, by the name that the file leaves."""
    return {
        one.resolved.path: one
        for one in accepted
        if isinstance(one.resolved, ResolvedRename) and not one.resolved.copy
    }


def check_link(draft: Draft, entry: Entry, target: bytes) -> None:
    """A link that is new, or new at this place, may only lead to a place inside the root."""
    name = os.fsdecode(target)
    if not name or "\0" in name or name.startswith("/"):
        raise refused(entry.path, "the symbolic link would lead out of the repository")
    real = Path(os.path.realpath(entry.spot.folder / name))
    if not real.is_relative_to(draft.tree.root):
        raise refused(entry.path, "the symbolic link would lead out of the repository")
    if draft.tree.is_closed(real):
        raise refused(entry.path, "the symbolic link would lead into git's own folder")


def _take(work: _Work, one: Accepted) -> None:
    draft, resolved = work.draft, one.resolved
    written = Written(one, resolved.path)
    match resolved:
        case ResolvedHunk(path=path):
            entry = _held(draft, path, one)
            _check_base(entry, one)
            work.hunks.setdefault(id(entry), (entry, []))[1].append(one)
        case ResolvedCreate(path=path, lines=lines, mode=mode):
            entry = draft.itself(path)
            content = content_of(path, lines, mode)
            if mode == LINK_MODE:
                check_link(draft, entry, content.data)
            entry = draft.create(entry, content)
            written = Written(one, resolved.path, digest=entry.digest)
        case ResolvedDelete(path=path, lines=lines, mode=mode):
            entry = _named(draft, path, mode)
            _check_base(entry, one)
            assert entry.now is not None
            if id(entry) in work.hunks:
                raise refused(entry.path, "it is deleted by the same decision")
            raw = None if _gives(lines, entry.now.data) else entry.now.data
            written = Written(one, resolved.path, digest=entry.digest, raw=raw)
            draft.delete(entry)
        case ResolvedRename(path=path, to=to, copy=copy):
            ring = _ring(work, one)
            if ring:
                _exchange(work, ring)
                return
            entry = draft.itself(path)
            _check_base(entry, one)
            written = Written(one, resolved.path, digest=entry.digest)
            entry = _rename(work, entry, draft.itself(to), copy)
            _check_leads_inside(draft, entry)
        case ResolvedMode(path=path, mode=mode):
            entry = draft.followed(path)
            _check_base(entry, one)
            assert entry.now is not None
            if LINK_MODE in (mode, entry.now.mode):
                raise refused(path, "a file cannot be turned into a symbolic link by its mode")
            if entry in work.with_mode:
                raise refused(path, "its mode is changed twice by the same decision")
            entry.now = Content(entry.now.data, mode)
            work.with_mode.append(entry)
        case _ as never:
            assert_never(never)
    work.written[one.change_id] = (entry, written)


def _ring(work: _Work, one: Accepted) -> list[str]:
    """The old names of the renames that this one goes round with; empty where there are none."""
    if work.renames.get(one.resolved.path) is not one:
        return []
    ring = rings.ring_of(one.resolved.path, {old: _to(r) for old, r in work.renames.items()})
    begun = any(work.renames[path].change_id in work.written for path in ring)
    return [] if begun else ring


def _to(rename: Accepted) -> str:
    assert isinstance(rename.resolved, ResolvedRename)
    return rename.resolved.to


def _exchange(work: _Work, ring: Sequence[str]) -> None:
    """Files that get each other's names are moved at once."""
    draft, renames = work.draft, [work.renames[path] for path in ring]
    entries = [draft.itself(path) for path in ring]
    digests = [entry.digest for entry in entries]
    for entry, one in zip(entries, renames, strict=True):
        _check_base(entry, one)
        if id(entry) in work.hunks or entry in work.with_mode:
            raise refused(entry.path, "it is changed before its name is exchanged")
    made = draft.exchange(
        [(e, draft.itself(_to(r))) for e, r in zip(entries, renames, strict=True)]
    )
    for one, entry, digest in zip(renames, made, digests, strict=True):
        _check_leads_inside(draft, entry)
        work.written[one.change_id] = (entry, Written(one, one.resolved.path, digest=digest))


def _check_leads_inside(draft: Draft, entry: Entry) -> None:
    if entry.now is not None and entry.now.mode == LINK_MODE:
        check_link(draft, entry, entry.now.data)


def _held(draft: Draft, path: str, one: Accepted) -> Entry:
    """What a hunk is for: the file behind a link, or, by its base, the link itself."""
    try:
        entry = draft.followed(path)
    except LeftAlone:
        entry = draft.itself(path)
        if entry.now is None or entry.now.mode != LINK_MODE or one.base_digest != entry.base:
            raise
        return entry
    if entry.path != path and one.base_digest != entry.base:
        itself = draft.itself(path)
        return itself if one.base_digest == itself.base else entry
    return entry


def _named(draft: Draft, path: str, mode: str) -> Entry:
    """The entry of a deletion, which must be of the kind that the patch says."""
    entry = draft.itself(path)
    if entry.now is not None and (entry.now.mode == LINK_MODE) != (mode == LINK_MODE):
        what = "a symbolic link" if entry.now.mode == LINK_MODE else "a file"
        raise refused(path, f"it is {what}, and the patch says otherwise")
    return entry


def _rename(work: _Work, entry: Entry, to: Entry, copy: bool) -> Entry:
    """The entry of the new name; hunks that were read before under the old name go with it."""
    if to.now is None and to in work.with_mode and to.moved_to is None:
        raise refused(to.path, "it is changed, deleted and replaced by the same decision")
    if copy:
        return work.draft.copy(entry, to)
    to = work.draft.move(entry, to)
    waiting = work.hunks.pop(id(entry), None)
    if waiting is not None:
        work.hunks[id(to)] = (to, waiting[1])
    return to


def _check_base(entry: Entry, one: Accepted) -> None:
    if entry.now is None:
        raise refused(entry.path, "there is no such file")
    if one.base_digest != entry.base:
        raise refused(entry.path, "it has moved on since the change was placed")


def _gives(lines: Sequence[Line], data: bytes) -> bool:
    text = "".join(line.text + line.end for line in lines)
    return TextFile("").encode(text) == data


def _apply(work: _Work, entry: Entry, group: list[Accepted]) -> None:
    hunks = [a.resolved for a in group if isinstance(a.resolved, ResolvedHunk)]
    if entry.now is None:
        why = "it is deleted by the same decision"
        work.problems += [Problem(a.change_id, a.resolved.path, why) for a in group]
        return
    applied = apply_hunks(entry.now.data, hunks)
    if isinstance(applied, dict):
        for index, why in applied.items():
            one = group[index]
            work.problems.append(Problem(one.change_id, one.resolved.path, why))
        return
    entry.edit(applied.data, applied.delta)
    try:
        _check_leads_inside(work.draft, entry)
    except LeftAlone as error:
        work.problems += [Problem(a.change_id, a.resolved.path, error.why) for a in group]
        return
    for one, lines in zip(group, applied.lines, strict=True):
        work.written[one.change_id] = (entry, Written(one, entry.path, lines=lines))
