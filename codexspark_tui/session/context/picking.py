"""Take files for a prompt, one after the other, as long as there is room: whole, some lines of
them, or their outline; and tell what was left out and why.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

from codexspark_tui.errors import PathRefused
from codexspark_tui.index.secret_files import secret_by_content, secret_by_name
from codexspark_tui.patch import TextFile, decode
from codexspark_tui.providers.model import Image
from codexspark_tui.session.context.agents import REASON, shortened
from codexspark_tui.session.context.budget import cut_middle
from codexspark_tui.session.context.model import LeftOut, Piece, Wanted, key_of
from codexspark_tui.session.context.outline import outline
from codexspark_tui.session.tokens import Estimator
from codexspark_tui.workspace import FileState, Workspace

IMAGES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
LARGEST_FILE_BYTES = 2 * 1024 * 1024
LARGEST_IMAGE_BYTES = 10 * 1024 * 1024
MOST_LISTED = 400
LIST_SHARE = 0.12  # of the budget, for the list of files
WHOLE_SHARE = 0.1  # of the budget: a found file up to this goes whole, not by its lines
LINES_SHARE = 0.2  # of the budget, for the lines of one long file
Ranges = Sequence[tuple[int, int]]


class Guide(Protocol):
    """What the index knows of a file that it has found."""

    def telling(self, text: str) -> Ranges:
        """Lines of the file's text, what tells most first."""
        ...

    def heads(self) -> str:
        """Its outline."""
        ...


def state_of(workspace: Workspace, path: str) -> FileState | str:
    """The file, or why it is not read."""
    try:
        size = workspace.root.joinpath(path).stat().st_size
    except (OSError, ValueError):
        return "there is no such file"
    largest = LARGEST_IMAGE_BYTES if _media_type(path) else LARGEST_FILE_BYTES
    if size > largest:
        return f"it is larger than {largest >> 20} MB"
    try:
        return workspace.read(path)
    except PathRefused as error:
        return error.title


def _media_type(path: str) -> str:
    return IMAGES.get(PurePosixPath(path).suffix.lower(), "")


def text_of(state: FileState | str) -> str | LeftOut:
    """The file's text, or why it cannot be shown (the path is that of the state)."""
    if isinstance(state, str):
        return LeftOut("", state)
    if state.kind != "file":
        return LeftOut(state.path, "it is no file of this tree")
    text = decode(state.data)
    if not isinstance(text, TextFile):
        return LeftOut(state.path, "it is binary")
    return text.text


@dataclass(slots=True)
class Picking:
    """What was taken up to now; `left`: tokens that may still be used."""

    workspace: Workspace
    estimator: Estimator
    wanted: Wanted
    pieces: list[Piece] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    left: int = 0
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.left = self.wanted.budget_tokens

    def take(
        self,
        path: str,
        reason: str,
        *,
        found: bool = False,
        ranges: Ranges = (),
        guide: Guide | None = None,
    ) -> None:
        """Take a file, or these lines of it; what has no room goes as its outline.

        A file that was `found`, not named, goes whole if it is short, else by the lines that its
        guide tells.
        """
        if path in self._seen or (found and path in self.wanted.dropped):
            return
        self._seen.add(path)
        why = secret_by_name(path)
        state = why or state_of(self.workspace, path)
        if isinstance(state, str):
            self.left_out.append(LeftOut(path, state, bool(why) or not found))
            return
        why = secret_by_name(state.real)
        if not why and _media_type(path) and not found:
            self._image(path, state)
            return
        text = text_of(state)
        if not isinstance(text, str):
            self.left_out.append(LeftOut(path, why or text.why, bool(why) or not found))
        elif why := why or secret_by_content(text):
            self.left_out.append(LeftOut(path, why))
        elif reason == REASON and shortened(text) != text:
            why = "it is too long, so only its beginning goes along"
            self.left_out.append(LeftOut(path, why))
            self._take_text(path, reason, state, shortened(text), (found, None))
        elif ranges:
            if not self._take_lines(path, reason, state, text, (ranges, self.left)):
                why = "it has no such lines, or there is no room for them"
                self.left_out.append(LeftOut(path, why))
        elif guide is None or not self._take_telling(path, reason, state, text, guide):
            self._take_text(path, reason, state, text, (found, guide))

    def _take_telling(
        self, path: str, reason: str, state: FileState, text: str, guide: Guide
    ) -> bool:
        """Take of a long file the lines that tell most. Whether there were any."""
        budget = self.wanted.budget_tokens
        if self.wanted.known.get(path) == state.digest:
            return False
        if self.estimator.tokens(text) <= min(self.left, int(budget * WHOLE_SHARE)):
            return False
        most = min(self.left, int(budget * LINES_SHARE))
        return self._take_lines(path, reason, state, text, (guide.telling(text), most))

    def _take_text(
        self, path: str, reason: str, state: FileState, text: str, how: tuple[bool, Guide | None]
    ) -> None:
        found, guide = how
        if self.wanted.known.get(path) == state.digest:
            known = Piece(path, reason, digest=state.digest, known=True, blob=_blob(state))
            self.pieces.append(known)
            return
        tokens = self.estimator.tokens(text)
        if tokens <= self.left:
            piece = Piece(path, reason, text, "text", tokens, state.digest, blob=_blob(state))
            self._add(piece)
            return
        lines = guide.heads() if guide is not None else _heads(path, text)
        tokens = self.estimator.tokens(lines)
        if lines and tokens <= self.left:
            self._add(Piece(path, reason, lines, "outline", tokens, blob=_blob(state)))
            why = "it is too long, so only its outline goes along"
        else:
            why = "there is no room left for it"
        self.left_out.append(LeftOut(path, why, not found))

    def _take_lines(
        self, path: str, reason: str, state: FileState, text: str, wanted: tuple[Ranges, int]
    ) -> bool:
        """Take as many of the ranges as have room in so many tokens, the first before the others
        (of which there is always room for the first), as one piece. Whether there were any."""
        ranges, most = wanted
        lines = text.splitlines(keepends=True)
        parts: dict[tuple[int, int], str] = {}
        used = 0
        for first, last in ranges:
            last = min(last, len(lines))
            part = "".join(lines[first - 1 : last])
            tokens = self.estimator.tokens(part) + 8
            if part and used + tokens <= (most if parts else self.left):
                parts[first, last] = part if part.endswith("\n") else part + "\n"
                used += tokens
        if not parts:
            return False
        taken = sorted(parts)
        said = "".join(parts[range_] for range_ in taken)
        digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        key = key_of(path, taken)
        known = self.wanted.known.get(key) == digest
        piece = Piece(
            path,
            reason,
            "" if known else said,
            "lines",
            0 if known else used,
            digest,
            known,
            _blob(state),
            tuple(taken),
        )
        self._add(piece)
        return True

    def take_outline(self, path: str, reason: str, guide: Guide) -> None:
        """Take the heads of a found file's definitions, if there is room."""
        state = "" if secret_by_name(path) else state_of(self.workspace, path)
        text = text_of(state) if not isinstance(state, str) and path not in self._seen else None
        if not isinstance(text, str) or isinstance(state, str) or secret_by_content(text):
            return
        lines = guide.heads()
        tokens = self.estimator.tokens(lines)
        if lines and tokens <= self.left:
            self._seen.add(path)
            self._add(Piece(path, reason, lines, "outline", tokens, blob=_blob(state)))

    def say(self, name: str, text: str) -> None:
        """Take a text that is no file: what `@name` stands for. What is too long is cut."""
        tokens = self.estimator.tokens(text)
        if tokens > self.left:
            text = cut_middle(text, self.left, self.estimator)
            self.left_out.append(LeftOut(f"@{name}", "it is too long, so its middle was left out"))
        self._add(Piece("", f"@{name}", text, "said", min(tokens, self.left)))

    def _add(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.left -= piece.tokens

    def _image(self, path: str, state: FileState) -> None:
        self.images.append(Image(_media_type(path), state.data))
        self.pieces.append(
            Piece(path, "image", form="image", digest=state.digest, blob=_blob(state))
        )

    def list_files(self, files: Iterable[str]) -> None:
        """The names of the files of the tree, as many as have room; folders stand for the rest."""
        names_all = list(files)
        shown = None
        if len(names_all) <= MOST_LISTED:
            shown = [f for f in names_all if f.isprintable() and not secret_by_name(f)]
        room = min(self.left, int(self.wanted.budget_tokens * LIST_SHARE))
        for names in (shown, _folders(shown if shown is not None else names_all)):
            if not names:
                continue
            text = "\n".join(names[:MOST_LISTED]) + "\n"
            tokens = self.estimator.tokens(text)
            if tokens <= room:
                self._add(Piece("", "file list", text, "list", tokens))
                return


def _heads(path: str, text: str) -> str:
    from codexspark_tui import syntax

    return outline(syntax.outline(path, text).symbols)


def _folders(files: list[str]) -> list[str]:
    """Each folder, up to the third level, with its number of files; many files cost little."""
    deep = Counter(file.rpartition("/")[0] for file in files)
    counts: dict[str, int] = {}
    for folder, count in deep.items():
        if folder.isprintable() and not secret_by_name(f"{folder}/x"):
            above = "/".join(folder.split("/")[:3])
            counts[above] = counts.get(above, 0) + count
    return [f"{folder or '.'}/ ({count} files)" for folder, count in counts.items()]


def _blob(state: FileState) -> str:
    """The id that git would give to what was read."""
    from codexspark_tui.index.reading import blob_id

    return blob_id(state.data)
