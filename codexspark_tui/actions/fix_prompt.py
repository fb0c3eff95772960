"""What of a failed command is sent: the first error, the places of it that lie in the repository
with their source, and a line for each of the others. Never the whole output.

Paths in an output are hostile: only files that the repository lists are looked at, and of these
none that looks like a secret. A line of the output that holds a key is left out.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.actions.fix_judge import Compared, Ran
from codexspark_tui.actions.opening import files_of
from codexspark_tui.errors import PathRefused
from codexspark_tui.events import commands
from codexspark_tui.events.paths import path_text
from codexspark_tui.index.secret_files import secret_by_name, without_keys
from codexspark_tui.patch import TextFile, decode
from codexspark_tui.reports import Finding, Frame
from codexspark_tui.session.instructions import task
from codexspark_tui.workspace import Workspace

AROUND = 8
MOST_FRAMES = 6
MOST_OTHERS = 12
NOT_WRITTEN = "Nothing of your last answer was written, so the command was not run again:"
_SINCE: dict[Compared, str] = {
    "green": "",
    "better": "Your last change helped, and this is left:",
    "changed": "After your last change it fails in another way:",
    "same": "After your last change it still fails in the same way:",
    "worse": "",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A frame in a file of the repository; `path` from its root."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed run as it is sent: `files` from the root, `text` to go with the prompt."""

    first: Finding
    files: tuple[str, ...]
    text: str


def failure_of(workspace: Workspace, folder: Path, ran: Ran) -> Failure:
    """`folder`: where the command ran; paths in its output are seen from there."""
    findings = ran.report.findings or (Finding("", "", 0, ran.why or "it printed nothing"),)
    first = findings[0]
    own = _own_frames(workspace.root, folder, first)
    files = tuple(dict.fromkeys(frame.path for frame in own))
    count = ran.report.failures
    tool = f" ({ran.report.tool}: {count} wrong)" if ran.report.tool and count else ""
    parts = [f"It ended with code {ran.exit_code}{tool}. {ran.why}".strip(), _told(first)]
    parts += [text for frame in own if (text := _source(workspace, frame))]
    if others := findings[1:]:
        shown = [f"- {line_of(finding)}" for finding in others[:MOST_OTHERS]]
        more = len(others) - MOST_OTHERS
        shown += [f"- and {more} more"] if more > 0 else []
        parts.append("\n".join(["What else is wrong:", *shown]))
    return Failure(first, files, without_keys("\n\n".join(parts)))


def prompt_for(
    command: tuple[str, ...], failure: Failure, since: Compared | None = None, note: str = ""
) -> commands.Prompt:
    """The prompt for an attempt; `since`: what the last one came to, `note`: why to nothing."""
    text = "\n\n".join(
        part
        for part in (
            f"Make this command pass: {shlex.join(command)}",
            note,
            task("fix"),
            _SINCE[since] if since is not None else "",
        )
        if part
    )
    files = tuple(path_text(path) for path in failure.files)
    return commands.Prompt(text, files, failure.text)


def _told(finding: Finding) -> str:
    head = line_of(finding)
    return f"The first error:\n{head}\n{finding.detail}" if finding.detail else head


def line_of(finding: Finding) -> str:
    """Where and what, in one line."""
    place = f"{finding.path}:{finding.line}: " if finding.line else f"{finding.path}: "
    rule = f" [{finding.rule}]" if finding.rule else ""
    return (place if finding.path else "") + finding.message[:300] + rule


# -- places in the repository ----------------------------------------------------------------------


def _own_frames(root: Path, folder: Path, finding: Finding) -> list[Placed]:
    """The frames in files that the repository lists, the innermost first."""
    places = Places(root, folder)
    frames: Iterable[Frame] = (Frame(finding.path, finding.line), *reversed(finding.frames))
    found = [Placed(path, frame.line) for frame in frames if (path := places.find(frame.path))]
    return list(dict.fromkeys(found))[:MOST_FRAMES]


class Places:
    """Finds the file that a tool names; "" where the repository has none of that name."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root, self._folder = root, folder
        self._files = dict.fromkeys(files_of(root))

    def find(self, named: str) -> str:
        if not named or "\0" in named:
            return ""
        absolute = os.path.normpath(self._folder / named)
        for start in (str(self._root), os.path.realpath(self._root)):
            if absolute.startswith(start + "/"):
                path = absolute[len(start) + 1 :]
                if path in self._files:
                    return path
        end = "/" + os.path.normpath(named).lstrip("./")
        ends = [file for file in self._files if ("/" + file).endswith(end)]
        return ends[0] if len(ends) == 1 and not named.startswith("/") else ""


def _source(workspace: Workspace, frame: Placed) -> str:
    """The lines around a place, numbered; "" for what cannot or must not be shown."""
    if not frame.line or secret_by_name(frame.path):
        return ""
    try:
        state = workspace.read(frame.path)
    except PathRefused:
        return ""
    text = decode(state.data) if state.kind == "file" else None
    if not isinstance(text, TextFile) or secret_by_name(state.real):
        return ""
    lines = text.text.splitlines()
    first = max(1, frame.line - AROUND)
    shown = [
        f"{'>' if number == frame.line else ' '}{number:>5} | {line[:300]}"
        for number, line in enumerate(lines[first - 1 : frame.line + AROUND], first)
    ]
    return "\n".join([f"{path_text(frame.path)}:", *shown]) if shown else ""
