"""What `spark explain` is about, and what can be said of it without a model. Reads only."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui import syntax
from codexspark_tui.actions.history import shown
from codexspark_tui.actions.paths import existing
from codexspark_tui.counts import count
from codexspark_tui.errors import UsageError
from codexspark_tui.events.paths import path_text
from codexspark_tui.index.secret_files import secret_by_content, secret_by_name, without_keys
from codexspark_tui.patch import TextFile, decode, render
from codexspark_tui.session.context.outline import outline
from codexspark_tui.session.instructions import task
from codexspark_tui.workspace import TurnEntry, Workspace

_PLACE = re.compile(r"(.+?):(\d+)(?:-(\d+))?", re.DOTALL)
_SELECTOR = re.compile(r"\d+(?:\.\d+)?")
MOST_TURNS = 10_000


@dataclass(frozen=True, slots=True)
class Subject:
    """`prompt`, `files` and `attached` are for a model, `known` is what is known without one."""

    prompt: str
    files: tuple[str, ...]
    attached: str
    known: str


def subject_of(workspace: Workspace, folder: Path, what: str | None) -> Subject:
    """A file, lines of it, a turn or a change; without a name the newest turn.

    Raises `UsageError` for what is not there and `PathRefused` for what must not be read.
    """
    if what is None or _SELECTOR.fullmatch(what):
        return _of_change(workspace, what)
    return _of_file(workspace, folder, what)


def _of_change(workspace: Workspace, what: str | None) -> Subject:
    found = shown(workspace, what)
    if not found.entries:
        raise UsageError(
            f"nothing was written {f'by {what}' if what else 'here yet'}, so there is no change "
            "to explain",
            next_step="Name a file: spark explain src/io.py:10-20",
        )
    number = found.entries[0].turn
    turn = next(turn for turn in workspace.log(MOST_TURNS) if turn.number == number)
    patch = "".join(render([entry.resolved]) for entry in found.entries)
    sent = [entry for entry in found.entries if not secret_by_name(entry.path)]
    told = without_keys("".join(render([entry.resolved]) for entry in sent))
    files = tuple(dict.fromkeys(entry.path for entry in sent))
    name = what or str(number)
    prompt = f"Explain the change {name}.\n\n{task('explain')}"
    held_back = "(held back: its file may hold secrets)"
    attached = f"It was made for this prompt:\n{turn.prompt}\n\nThe change:\n{told or held_back}"
    there = tuple(path_text(path) for path in files if (workspace.root / path).exists())
    return Subject(prompt, there, attached, f"{_turn_line(turn)}\n\n{patch}")


def _turn_line(turn: TurnEntry) -> str:
    when = datetime.datetime.fromtimestamp(turn.at).strftime("%Y-%m-%d %H:%M")
    by = turn.model or turn.provider
    state = "" if turn.applied == turn.changes else f", {turn.changes - turn.applied} undone"
    return f"turn {turn.number}, {when}, by {by}{state}\nfor the prompt: {turn.prompt}"


def _of_file(workspace: Workspace, folder: Path, what: str) -> Subject:
    placed = _PLACE.fullmatch(what)
    named = what if placed is None or (folder / what).exists() else placed[1]
    (path,) = existing(workspace.root, folder, [named])
    if (workspace.root / path).is_dir():
        raise UsageError(f"{what} is a folder", next_step="Name a file in it.")
    text = _text(workspace, path)
    count = len(text.splitlines())
    first, last = 1, count
    if placed and named != what:
        first, last = int(placed[2]), int(placed[3] or placed[2])
        if not 1 <= first <= max(count, 1):
            raise UsageError(f"{what}: {named} has the lines 1 to {count}")
        if last < first:
            raise UsageError(f"{what}: the lines end before they begin")
        last = min(last, count)
    chosen = text.splitlines()[first - 1 : last]
    numbered = "\n".join(f"{n:>5} | {line}" for n, line in enumerate(chosen, first))
    where = path_text(path) + (f", lines {first} to {last}" if named != what else "")
    prompt = f"Explain {where}.\n\n{task('explain')}"
    attached = numbered if named != what else ""
    return Subject(prompt, (path_text(path),), attached, _known(workspace, path, (first, last)))


def _text(workspace: Workspace, path: str) -> str:
    state = workspace.read(path)
    text = decode(state.data) if state.kind == "file" else None
    if not isinstance(text, TextFile):
        raise UsageError(f"{path} is no text file", next_step="Name a source file.")
    why = secret_by_name(path) or secret_by_name(state.real) or secret_by_content(text.text)
    if why:
        raise UsageError(f"{path} is not sent: {why}", next_step="Name another file.")
    return text.text


def _known(workspace: Workspace, path: str, lines: tuple[int, int]) -> str:
    """The definitions in these lines, and the prompts that made lines of them."""
    parts = [
        line
        for line in outline(syntax.outline(path, _text(workspace, path)).symbols).splitlines()
        if not (number := re.match(r"\s*(\d+):", line)) or lines[0] <= int(number[1]) <= lines[1]
    ]
    turns = {turn.number: turn for turn in workspace.log(MOST_TURNS)}
    made: dict[int, list[int]] = {}
    for line in workspace.blame(path):
        if line.selector and lines[0] <= line.number <= lines[1]:
            made.setdefault(int(line.selector.partition(".")[0]), []).append(line.number)
    told = [f"{count(len(found), 'line')} by {_turn_line(turns[n])}" for n, found in made.items()]
    head = f"{path_text(path)}, lines {lines[0]} to {lines[1]}"
    return "\n\n".join(part for part in (head, "\n".join(parts), "\n".join(told)) if part)
