"""Resolved changes as the text of a git patch, read alike by git, unidiff and our own reader.

All hunks of a file refer to the same text. What they show of it is put together, so hunks that
share or touch context come out as one. Nothing here is for the screen but `render_change`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from codexspark_tui.patch.apply import edits_of
from codexspark_tui.patch.compare import Edit
from codexspark_tui.patch.model import (
    Line,
    Mode,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)
from codexspark_tui.patch.paths import quote
from codexspark_tui.patch.text import to_line

_NEW = "new\0"
NO_NEWLINE = "\\ No newline at end of file"


@dataclass(slots=True)
class _Entry:
    """Everything that happens to one file, under its name before."""

    old: str
    new: str
    copy: bool = False
    mode: ResolvedMode | None = None
    whole: ResolvedCreate | ResolvedDelete | None = None
    hunks: list[ResolvedHunk] = field(default_factory=list)


def render(changes: Sequence[Resolved], *, modes: Mapping[str, str] | None = None) -> str:
    """A git-style patch of all changes, files in the order in which they first come.

    `modes` gives the modes of existing files by path, where the caller wants them in "index"-less
    headers; it is used for a rename or a hunk of a file that also changes its mode.
    """
    out: list[str] = []
    for entry in _entries(changes):
        out.extend(_entry_lines(entry, modes or {}))
    return "".join(out)


def _entries(changes: Iterable[Resolved]) -> list[_Entry]:
    """A file that goes and another that comes to its name are two entries, in this order."""
    entries: dict[str, _Entry] = {}
    alias: dict[str, str] = {}
    for change in changes:
        if isinstance(change, ResolvedCreate):
            alias[change.path] = _NEW + change.path
        if isinstance(change, ResolvedRename):
            key = ("copy\0" + change.to) if change.copy else change.path
            entry = entries.setdefault(key, _Entry(change.path, change.to, change.copy))
            entry.new = change.to
            alias[change.to] = key
            continue
        goes = isinstance(change, ResolvedDelete)
        key = change.path if goes else alias.get(change.path, change.path)
        entry = entries.setdefault(key, _Entry(change.path, change.path))
        match change:
            case ResolvedHunk():
                entry.hunks.append(change)
            case ResolvedMode():
                entry.mode = change
            case ResolvedCreate() | ResolvedDelete():
                entry.whole = change
    ordered: dict[str, _Entry] = {}
    for key, entry in entries.items():
        gone = key.removeprefix(_NEW)
        if gone in entries:
            ordered.setdefault(gone, entries[gone])
        ordered.setdefault(key, entry)
    return list(ordered.values())


def _entry_lines(entry: _Entry, modes: Mapping[str, str]) -> list[str]:
    body = _body(entry)
    header = _extended(entry)
    if not body and not header:
        return []
    old, new = quote_side("a/", entry.old), quote_side("b/", entry.new)
    out = [f"diff --git {old} {new}\n", *header]
    if body:
        created = isinstance(entry.whole, ResolvedCreate)
        deleted = isinstance(entry.whole, ResolvedDelete)
        out.append(f"--- {'/dev/null' if created else _named(old)}\n")
        out.append(f"+++ {'/dev/null' if deleted else _named(new)}\n")
    return [*out, *body]


def quote_side(prefix: str, name: str) -> str:
    """A name with its a/ or b/ as git prints it."""
    return quote(prefix + name)


def diff_head(old: str, new: str) -> list[str]:
    """The "diff --git" line of a file."""
    return [f"diff --git {quote_side('a/', old)} {quote_side('b/', new)}\n"]


def whole_header(old: str | None, new: str | None, lines: Sequence[Line]) -> list[str]:
    """The "---" and "+++" lines (None: /dev/null), and the one hunk of a whole file if it has one.

    An empty file that comes or goes has none of them.
    """
    out = [
        f"--- {'/dev/null' if old is None else _named(quote_side('a/', old))}\n",
        f"+++ {'/dev/null' if new is None else _named(quote_side('b/', new))}\n",
    ]
    if old is not None and new is not None:
        return out
    if not lines:
        return []
    count = len(lines)
    header = _header(0, 0, 1, count) if old is None else _header(1, count, 0, 0)
    return [*out, header, *shown_lines(lines)]


def _named(shown: str) -> str:
    """git puts a tab after a name with blanks in it, so that nothing takes the rest for a date."""
    return shown + "\t" if " " in shown and not shown.startswith('"') else shown


def _extended(entry: _Entry) -> list[str]:
    whole = entry.whole
    if isinstance(whole, ResolvedCreate):
        return [f"new file mode {whole.mode}\n"]
    if isinstance(whole, ResolvedDelete):
        return [f"deleted file mode {whole.mode}\n"]
    out = []
    if entry.mode is not None and entry.mode.mode != entry.mode.old_mode:
        out += [f"old mode {entry.mode.old_mode}\n", f"new mode {entry.mode.mode}\n"]
    if entry.old != entry.new:
        verb = "copy" if entry.copy else "rename"
        out += [f"{verb} from {quote(entry.old)}\n", f"{verb} to {quote(entry.new)}\n"]
    return out


def _body(entry: _Entry) -> list[str]:
    if entry.whole is not None:
        lines = entry.whole.lines
        if not lines:
            return []
        old, new = (0, len(lines)) if isinstance(entry.whole, ResolvedCreate) else (len(lines), 0)
        return [_header(1 if old else 0, old, 1 if new else 0, new), *shown_lines(lines)]
    out: list[str] = []
    shift = 0
    for start, lines in merged(entry.hunks):
        old = sum(line.sign != "+" for line in lines)
        new = sum(line.sign != "-" for line in lines)
        old_start = start if old else start - 1
        new_start = start + shift if new else start + shift - 1
        out.append(_header(old_start, old, new_start, new))
        out.extend(shown_lines(lines))
        shift += new - old
    return out


def merged(hunks: Sequence[ResolvedHunk]) -> list[tuple[int, tuple[Line, ...]]]:
    """Hunks that share or touch old lines put together: (1-based old start, lines), ascending.

    The hunks must not contradict each other (see `apply_resolved`).
    """
    known: dict[int, str] = {}
    edits: list[Edit] = []
    for hunk in hunks:
        row = hunk.old_start - 1
        for line in hunk.lines:
            if line.sign != "+":
                known[row] = line.text + line.end
                row += 1
        edits.extend(edits_of(hunk))
    edits.sort(key=lambda edit: (edit.start, edit.end))
    return [_group(group, edits_in, known) for group, edits_in in _groups(known, edits)]


_Rows = tuple[int, int]


def _groups(known: Mapping[int, str], edits: Sequence[Edit]) -> list[tuple[_Rows, list[Edit]]]:
    """Runs of known rows (half-open) with the edits in each; runs without edits are left out."""
    runs: list[_Rows] = []
    points = sorted({*known, *(edit.start for edit in edits)})
    for row in points:
        end = row + 1 if row in known else row
        if runs and row <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((row, end))
    found: list[tuple[_Rows, list[Edit]]] = [(run, []) for run in runs]
    number = 0
    for edit in edits:
        while edit.start > found[number][0][1]:
            number += 1
        found[number][1].append(edit)
    return [item for item in found if item[1]]


def _group(
    rows: _Rows, edits: Sequence[Edit], known: Mapping[int, str]
) -> tuple[int, tuple[Line, ...]]:
    lines: list[Line] = []
    row = rows[0]
    for edit in edits:
        lines += [to_line(" ", known[r]) for r in range(row, edit.start)]
        lines += [to_line("-", known[r]) for r in range(edit.start, edit.end)]
        lines += [to_line("+", raw) for raw in edit.lines]
        row = edit.end
    lines += [to_line(" ", known[r]) for r in range(row, rows[1])]
    return rows[0] + 1, tuple(lines)


def _header(old_start: int, old: int, new_start: int, new: int) -> str:
    return f"@@ -{_span(old_start, old)} +{_span(new_start, new)} @@\n"


def _span(start: int, count: int) -> str:
    return f"{start}" if count == 1 else f"{start},{count}"


def shown_lines(lines: Iterable[Line]) -> list[str]:
    """Lines with their signs as they stand in a patch."""
    out = []
    for line in lines:
        if line.end:
            out.append(f"{line.sign}{line.text}{line.end}")
        else:
            out.append(f"{line.sign}{line.text}\n{NO_NEWLINE}\n")
    return out


def render_change(change: Resolved) -> list[str]:
    """One change as lines of text without line ends, for showing and for messages."""
    match change:
        case ResolvedHunk():
            old = sum(line.sign != "+" for line in change.lines)
            new = sum(line.sign != "-" for line in change.lines)
            start = change.old_start
            header = _header(start if old else start - 1, old, start if new else start - 1, new)
            return [header.rstrip("\n"), *_plain(change.lines)]
        case ResolvedCreate(path, lines, mode):
            return [f"new file {quote(path)} ({_mode_word(mode)})", *_plain(lines)]
        case ResolvedDelete(path, lines, _):
            return [f"delete {quote(path)}", *_plain(lines)]
        case ResolvedRename(path, to, copy):
            return [f"{'copy' if copy else 'rename'} {quote(path)} to {quote(to)}"]
        case ResolvedMode(path, mode, old_mode):
            return [f"mode of {quote(path)}: {old_mode} becomes {mode}"]


def _mode_word(mode: Mode) -> str:
    return {"100644": "a file", "100755": "an executable", "120000": "a link"}[mode]


def _plain(lines: Iterable[Line]) -> list[str]:
    out = []
    for line in lines:
        out.append(line.sign + line.text)
        if not line.end:
            out.append(NO_NEWLINE)
    return out
