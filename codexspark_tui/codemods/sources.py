"""The files of a project as exact texts, read once and never written.

True here: only paths that the project lists are read, never through a symlink, never outside the
root. A text keeps its line ends and byte order mark; libraries get `plain` (no mark, "\\n" only),
and `Source.restore` brings their results back to the file's own line ends. What cannot be read
exactly is named in `Library.skipped`, with the reason. Nothing here knows a codemod.
"""

from __future__ import annotations

import ast
import io
import os
import re
import stat
import threading
import tokenize
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from codexspark_tui.codemods.model import Candidate
from codexspark_tui.errors import Interrupted

BOM = "\ufeff"
LARGEST_BYTES = 8_000_000
_DOC_SUFFIXES = (".md", ".rst", ".txt", ".adoc")
_IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Project:
    """A working tree: its root and the paths in it that count (tracked, and untracked unignored).

    Paths are relative to `root` with "/" between the parts, as `git.list_files` gives them.
    `holders`: for some words the files that may hold them; no other file does, so it need not be
    read. `elsewhere`: where the name that is asked for is defined in other languages.
    """

    root: Path
    files: tuple[str, ...]
    holders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    elsewhere: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its exact text, and the same text as libraries want it."""

    path: str
    text: str
    plain: str

    @classmethod
    def of(cls, path: str, text: str) -> Source:
        return cls(path, text, plain_text(text))

    def restore(self, plain: str) -> str:
        """`plain`, a new text with "\\n" only, with this file's line ends and byte order mark."""
        return restore_ends(self.text, self.plain, plain)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file is left alone, as the end of a sentence ("it is not UTF-8 text")."""

    why: str


def plain_text(text: str) -> str:
    """`text` without byte order mark, every line ended by "\\n"."""
    return text.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")


def restore_ends(text: str, old_plain: str, new_plain: str) -> str:
    """`new_plain` with the line ends and the byte order mark that `text` has.

    Lines that are as before keep their own end; new lines take the end used most.
    """
    mark = BOM if text.startswith(BOM) else ""
    if "\r" not in text:
        return mark + new_plain
    ends = re.findall(r"\r\n|\r|\n", text)
    usual = max(("\r\n", "\n", "\r"), key=ends.count)
    if ends.count(usual) == len(ends):
        return mark + new_plain.replace("\n", usual)
    old, new = old_plain.split("\n"), new_plain.split("\n")
    own = [usual] * len(new)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_at, old_end, new_at, new_end in matcher.get_opcodes():
        same_count = old_end - old_at == new_end - new_at
        if tag == "equal" or (tag == "replace" and same_count):
            for step in range(min(old_end, len(ends)) - old_at):
                own[new_at + step] = ends[old_at + step]
    return mark + "".join(
        line + end for line, end in zip(new, [*own[: len(new) - 1], ""], strict=True)
    )


class Library:
    """All texts of a project, read on demand and kept.

    `stop` is looked at before each read; a set event raises `Interrupted`.
    """

    def __init__(self, project: Project, stop: threading.Event | None = None) -> None:
        self.root = project.root
        self.files = frozenset(p for p in project.files if _inside(p))
        self.python_files = tuple(sorted(p for p in self.files if p.endswith(".py")))
        self.elsewhere = project.elsewhere
        self.skipped: dict[str, str] = {}
        self._holders = project.holders
        self._stop = stop
        self._real_root = os.path.realpath(project.root)
        self._folder_is_real: dict[str, bool] = {}
        self._sources: dict[str, Source | Unreadable] = {}
        self._trees: dict[str, ast.Module | None] = {}
        self._imported: dict[str, frozenset[str]] = {}

    def check_stop(self) -> None:
        if self._stop is not None and self._stop.is_set():
            raise Interrupted("The codemod was stopped")

    def source(self, path: str) -> Source | None:
        """The text of `path`; None where it cannot be read (then it is in `skipped`)."""
        found = self._sources.get(path)
        if found is None:
            self.check_stop()
            found = self._read(path)
            self._sources[path] = found
        if isinstance(found, Unreadable):
            self.skipped[path] = found.why
            return None
        return found

    def python(self, path: str) -> Source | None:
        """Like `source`, and None too where the file does not parse."""
        return self.source(path) if self.tree(path) is not None else None

    def tree(self, path: str) -> ast.Module | None:
        """The syntax tree of `plain`; None (and a reason in `skipped`) where there is none."""
        if path not in self._trees:
            source = self.source(path)
            parsed = Unreadable("") if source is None else parse(source.plain)
            if isinstance(parsed, Unreadable):
                self.skipped.setdefault(path, parsed.why)
                self._trees[path] = None
            else:
                self._trees[path] = parsed
        return self._trees[path]

    def python_with(self, word: str) -> Iterator[Source]:
        """The Python files that parse and whose text has `word` as a whole word."""
        for path in self._may_hold(self.python_files, word):
            if self.holds(path, word) and self.python(path):
                yield self._sources_of(path)

    def documents_with(self, word: str) -> Iterator[Source]:
        """Files of prose (Markdown, reStructuredText, plain text) that have `word` in them."""
        documents = [p for p in self.files if p.lower().endswith(_DOC_SUFFIXES)]
        for path in self._may_hold(sorted(documents), word):
            if self.holds(path, word):
                yield self._sources_of(path)

    def holds(self, path: str, word: str) -> bool:
        """Whether the text of this file has `word` as a whole word."""
        known = self._holders.get(word)
        if known is not None and path not in known:
            return False
        source = self.source(path)
        if source is None or word not in source.plain:  # much quicker than the pattern
            return False
        return re.search(rf"\b{re.escape(word)}\b", source.plain) is not None

    def _may_hold(self, paths: Sequence[str], word: str) -> Sequence[str]:
        known = self._holders.get(word)
        return paths if known is None else [path for path in paths if path in known]

    def _sources_of(self, path: str) -> Source:
        source = self.source(path)
        assert source is not None
        return source

    def imports(self, dotted: str) -> bool:
        """Whether any file has the dotted name, or one below it, after `import` or `from`."""
        parts = [part for part in dotted.split(".") if part in self._holders]
        rarest = min(parts, key=lambda part: len(self._holders[part]), default="")
        if rarest not in self._imported:
            self._imported[rarest] = self._imported_in(self._may_hold(self.python_files, rarest))
        return dotted in self._imported[rarest]

    def _imported_in(self, paths: Iterable[str]) -> frozenset[str]:
        """Every dotted name after `import` or `from` in these files, with all its prefixes."""
        names: set[str] = set()
        for path in paths:
            source = self.source(path)
            for name in _IMPORTED.findall(source.plain) if source else ():
                parts = name.strip(".").split(".")
                names.update(".".join(parts[:n]) for n in range(1, len(parts) + 1))
        return frozenset(names)

    def select(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """The listed paths that `wanted` names, as files or as folders; all when it is empty."""
        names = [normal(name) for name in wanted]
        if not names or "" in names:
            return tuple(sorted(self.files))
        folders = tuple(f"{name}/" for name in names)
        chosen = set(names)
        return tuple(sorted(p for p in self.files if p in chosen or p.startswith(folders)))

    def _read(self, path: str) -> Source | Unreadable:
        if path not in self.files:
            return Unreadable("it is not one of the project's files")
        folder = path.rpartition("/")[0]
        if not self._is_real_folder(folder):
            return Unreadable("it lies behind a symbolic link")
        data = read_bytes(self.root / path)
        if isinstance(data, Unreadable):
            return data
        text = decode_python(data) if path.endswith((".py", ".pyi")) else decode_utf8(data)
        return text if isinstance(text, Unreadable) else Source.of(path, text)

    def _is_real_folder(self, folder: str) -> bool:
        known = self._folder_is_real.get(folder)
        if known is None:
            expected = f"{self._real_root}/{folder}" if folder else self._real_root
            known = os.path.realpath(expected) == os.path.normpath(expected)
            self._folder_is_real[folder] = known
        return known


def normal(path: str) -> str:
    """A path as the project lists it: no "./", no final "/"; "." is ""."""
    cleaned = os.path.normpath(path) if path else "."
    return "" if cleaned == "." else cleaned


def _inside(path: str) -> bool:
    parts = path.split("/")
    return not path.startswith("/") and ".." not in parts and ".git" not in parts


def read_bytes(path: Path) -> bytes | Unreadable:
    """The bytes of a regular file; a link, a device or a huge file is not read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return Unreadable("it is not there any more")
    except OSError as error:
        link = path.is_symlink()
        return Unreadable("it is a symbolic link" if link else error.strerror or "unreadable")
    with os.fdopen(handle, "rb") as stream:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            return Unreadable("it is not a regular file")
        if info.st_size > LARGEST_BYTES:
            return Unreadable(f"it has more than {LARGEST_BYTES // 1_000_000} MB")
        return stream.read()


def decode_utf8(data: bytes) -> str | Unreadable:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Unreadable(f"it is not UTF-8 text (byte {error.start + 1})")
    return Unreadable("it is a binary file") if "\0" in text else text


def decode_python(data: bytes) -> str | Unreadable:
    """The text of a Python file by its byte order mark or coding line (PEP 263), else UTF-8.

    A text that would not encode to the same bytes again is refused.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:
        return Unreadable("its text cannot be decoded (not UTF-8, and no valid coding line)")
    if encoding in {"utf-8", "utf-8-sig"}:
        return decode_utf8(data)
    try:
        text = data.decode(encoding)
        exact = text.encode(encoding) == data
    except (UnicodeError, LookupError, ValueError):
        exact = False
        text = ""
    if not exact or "\0" in text:
        return Unreadable(f"its text cannot be decoded as {encoding}")
    return text


def parse(plain: str) -> ast.Module | Unreadable:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(plain)
    except SyntaxError as error:
        return Unreadable(f"it does not parse as Python (line {error.lineno}: {error.msg})")
    except (ValueError, RecursionError, MemoryError):
        return Unreadable("it does not parse as Python")
