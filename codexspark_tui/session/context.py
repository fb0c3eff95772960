"""What a model is shown of the repository with a prompt: chosen by rule, with a reason for each.

    Context.choose(Wanted) → Chosen(pieces, left_out, images)

True here: files are read through the workspace and nothing else is; what looks like a secret is
never in a piece, whoever named it; nothing is left out without a reason, except files that nothing
named. The one who asks knows only the protocol `Context`, so that an index can take this place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal, Protocol, TypeAlias

from codexspark_tui.errors import PathRefused
from codexspark_tui.git import grep_words, list_files
from codexspark_tui.patch import TextFile, decode
from codexspark_tui.providers.model import Image
from codexspark_tui.session.agents import REASON, agents_paths, shortened
from codexspark_tui.session.outline import outline
from codexspark_tui.session.secret_files import secret_by_content, secret_by_name
from codexspark_tui.session.tokens import Estimator
from codexspark_tui.workspace import FileState, Workspace

Form: TypeAlias = Literal["text", "outline", "list", "image"]
IMAGES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
LARGEST_FILE_BYTES = 2 * 1024 * 1024
LARGEST_IMAGE_BYTES = 10 * 1024 * 1024
MOST_WORDS = 8
MOST_FILES_OF_A_FOLDER = 200
MOST_FOUND = 12
MOST_READ = 60  # files for each word of the prompt
MOST_LISTED = 400
GREP_TIMEOUT_S = 3.0
LIST_SHARE = 0.12  # of the budget, for the list of files
FOUND_SHARE = 0.5  # of the budget, for what only the prompt's words have found

_MENTION = re.compile(r"(?<![\w@])@([^\s@,;:'\"`()<>]+)")
_PATH = re.compile(r"[\w.@+-]*(?:/[\w.@+-]+)+|[\w-]+\.[A-Za-z][\w]{0,7}\b")
_QUOTED = re.compile(r"`([^`\s]+)`")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CALLED = re.compile(r"([A-Za-z_]\w*)\s?\(")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_DEFINES = (
    r"\b(?:def|class|function|fn|func|fun|struct|enum|trait|interface|type|const|let|var|module"
    r"|namespace|record|object|macro_rules!|define)\s+\*?{word}\b|^{word}\s*[:=]"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that goes with the prompt. `digest` is that of the file that it was made of.

    `known`: the conversation holds it already, as it is now.
    """

    path: str
    reason: str
    text: str = ""
    form: Form = "text"
    tokens: int = 0
    digest: str = ""
    known: bool = False

    @property
    def lines(self) -> int:
        return self.text.count("\n") + (not self.text.endswith("\n") if self.text else 0)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`wanted`: the person named it, or it looks like a secret, so they are told."""

    path: str
    why: str
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to choose for. `files` were named beside the prompt; `known`: digest by path of what
    the conversation holds. Not `with_list`: the list of files was sent before."""

    prompt: str
    files: tuple[str, ...]
    budget_tokens: int
    known: Mapping[str, str] = field(default_factory=dict)
    with_list: bool = True


@dataclass(frozen=True, slots=True)
class Chosen:
    pieces: tuple[Piece, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    images: tuple[Image, ...] = ()


class Context(Protocol):
    """Chooses what goes with a prompt. Called from another thread, one call at a time."""

    def choose(self, wanted: Wanted) -> Chosen: ...


@dataclass(slots=True)
class RepositoryContext:
    """By what the person named, then by the paths and names in the prompt, found by git grep."""

    workspace: Workspace
    estimator: Estimator

    def choose(self, wanted: Wanted) -> Chosen:
        picking = _Picking(self, wanted)
        files = list_files(self.workspace.root)
        named = list(_named(wanted, files))
        for path in agents_paths((path for path, _ in named), files):
            picking.take(path, REASON)
        for path, reason in named:
            picking.take(path, reason)
        room = picking.left
        listed = int(wanted.budget_tokens * LIST_SHARE) if wanted.with_list else 0
        picking.left = max(0, min(room - listed, int(wanted.budget_tokens * FOUND_SHARE)))
        room -= picking.left
        for path, reason in _found(self.workspace, wanted.prompt, files):
            picking.take(path, reason, found=True)
        picking.left += room
        if wanted.with_list:
            picking.list_files(files)
        return Chosen(tuple(picking.pieces), tuple(picking.left_out), tuple(picking.images))


# -- what to look at -------------------------------------------------------------------------------


def _named(wanted: Wanted, files: list[str]) -> Iterator[tuple[str, str]]:
    """Files that the person named beside the prompt, or by @ in it, each once."""
    seen: set[str] = set()
    known = set(files)
    for path in wanted.files:
        for file in _in_folder(path, files) if path not in known else [path]:
            if file not in seen:
                seen.add(file)
                yield file, "named"
    for mention in _MENTION.findall(wanted.prompt):
        for file in _mentioned(mention.rstrip(".!?"), files, known):
            if file not in seen:
                seen.add(file)
                yield file, "mentioned"


def _in_folder(path: str, files: list[str]) -> list[str]:
    """The files under `path`; itself where that is no folder of the tree (an ignored file, say)."""
    start = "" if path in (".", "") else path.rstrip("/") + "/"
    inside = [file for file in files if file.startswith(start)][:MOST_FILES_OF_A_FOLDER]
    return inside or [path]


def _mentioned(mention: str, files: list[str], known: set[str]) -> list[str]:
    if mention in known:
        return [mention]
    end = "/" + mention.strip("/")
    ends = [file for file in files if file.endswith(end)]
    if len(ends) == 1:
        return ends
    return [file for file in files if file.startswith(mention.strip("/") + "/")][:50]


def _found(workspace: Workspace, prompt: str, files: list[str]) -> list[tuple[str, str]]:
    """Files that the prompt's words lead to: paths first, then definitions, then uses."""
    plain = _MENTION.sub(" ", prompt)
    found: dict[str, str] = {}
    by_name: dict[str, list[str]] = {}
    for file in files:
        by_name.setdefault(PurePosixPath(file).name, []).append(file)
    for word in dict.fromkeys(_PATH.findall(plain)):
        word = word.strip("./")
        same_name = by_name.get(PurePosixPath(word).name, [])
        for file in [f for f in same_name if ("/" + f).endswith("/" + word)][:3]:
            found.setdefault(file, "in the prompt")
    suffixes = {PurePosixPath(file).suffix for file in files} - {""}
    words = identifiers(_PATH.sub(lambda found: _unless_file(found.group(), suffixes), plain))
    hits = grep_words(workspace.root, words, timeout_s=GREP_TIMEOUT_S)
    uses: dict[str, tuple[int, str]] = {}
    for word, paths in hits.items():
        defines = re.compile(_DEFINES.replace("{word}", re.escape(word)), re.MULTILINE)
        for path in paths[:MOST_READ]:
            if not secret_by_name(path) and _defines(workspace, path, defines):
                found.setdefault(path, f"defines {word}")
            uses[path] = (uses.get(path, (0, ""))[0] + 1, f"uses {word}")
    ranked = sorted(uses, key=lambda path: (-uses[path][0], path))
    for path in ranked:
        found.setdefault(path, uses[path][1])
    return list(found.items())[:MOST_FOUND]


def _unless_file(word: str, suffixes: set[str]) -> str:
    """The word; nothing where it names a file, whose suffix is no name of code."""
    return " " if "/" in word or PurePosixPath(word).suffix in suffixes else word


def identifiers(text: str) -> list[str]:
    """The words of a sentence that look like names of code, the surest first."""
    quoted = [name for part in _QUOTED.findall(text) for name in _NAME.findall(part)]
    called = _CALLED.findall(text)
    dotted = [name for part in _DOTTED.findall(text) for name in part.split(".")]
    shaped = [word for word in _NAME.findall(text) if _is_shaped(word)]
    names = [word for word in (*quoted, *called, *dotted, *shaped) if len(word) >= 3]
    return list(dict.fromkeys(names))[:MOST_WORDS]


def _is_shaped(word: str) -> bool:
    """Whether no ordinary word is written like this: snake_case, camelCase, with digits."""
    return "_" in word.strip("_") or any(c.isupper() or c.isdigit() for c in word[1:])


def _defines(workspace: Workspace, path: str, defines: re.Pattern[str]) -> bool:
    text = _text_of(_state(workspace, path))
    return isinstance(text, str) and defines.search(text) is not None


# -- taking them -----------------------------------------------------------------------------------


def _state(workspace: Workspace, path: str) -> FileState | str:
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


def _text_of(state: FileState | str) -> str | LeftOut:
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
class _Picking:
    """What was taken up to now; `left`: tokens that may still be used."""

    context: RepositoryContext
    wanted: Wanted
    pieces: list[Piece] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    left: int = 0

    def __post_init__(self) -> None:
        self.left = self.wanted.budget_tokens

    def take(self, path: str, reason: str, *, found: bool = False) -> None:
        """Take a file, whole if it fits, else its outline."""
        if path in {p.path for p in self.pieces} | {o.path for o in self.left_out}:
            return
        why = secret_by_name(path)
        state = why or _state(self.context.workspace, path)
        if isinstance(state, str):
            self.left_out.append(LeftOut(path, state, bool(why) or not found))
            return
        why = secret_by_name(state.real)
        if not why and _media_type(path) and not found:
            self._image(path, state)
            return
        text = _text_of(state)
        if not isinstance(text, str):
            self.left_out.append(LeftOut(path, why or text.why, bool(why) or not found))
        elif why := why or secret_by_content(text):
            self.left_out.append(LeftOut(path, why))
        else:
            self._take_text(path, reason, text, state.digest, wanted=not found)

    def _take_text(self, path: str, reason: str, text: str, digest: str, *, wanted: bool) -> None:
        if reason == REASON and shortened(text) != text:
            text = shortened(text)
            self.left_out.append(LeftOut(path, "it is too long, so only its beginning goes along"))
        if self.wanted.known.get(path) == digest:
            self.pieces.append(Piece(path, reason, digest=digest, known=True))
            return
        tokens = self.context.estimator.tokens(text)
        if tokens <= self.left:
            self._add(Piece(path, reason, text, "text", tokens, digest))
            return
        lines = outline(path, text)
        tokens = self.context.estimator.tokens(lines)
        if lines and tokens <= self.left:
            self._add(Piece(path, reason, lines, "outline", tokens))
            why = "it is too long, so only its outline goes along"
        else:
            why = "there is no room left for it"
        self.left_out.append(LeftOut(path, why, wanted))

    def _add(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.left -= piece.tokens

    def _image(self, path: str, state: FileState) -> None:
        self.images.append(Image(_media_type(path), state.data))
        self.pieces.append(Piece(path, "image", form="image", digest=state.digest))

    def list_files(self, files: Iterable[str]) -> None:
        """The names of the files of the tree, as many as have room; folders stand for the rest."""
        shown = [f for f in files if f.isprintable() and not secret_by_name(f)]
        room = min(self.left, int(self.wanted.budget_tokens * LIST_SHARE))
        for names in (shown if len(shown) <= MOST_LISTED else None, _folders(shown)):
            if not names:
                continue
            text = "\n".join(names[:MOST_LISTED]) + "\n"
            tokens = self.context.estimator.tokens(text)
            if tokens <= room:
                self._add(Piece("", "file list", text, "list", tokens))
                return


def _folders(files: list[str]) -> list[str]:
    counts: dict[str, int] = {}
    for file in files:
        folder = "/".join(file.split("/")[:-1][:3])
        counts[folder] = counts.get(folder, 0) + 1
    return [f"{folder or '.'}/ ({count} files)" for folder, count in counts.items()]
