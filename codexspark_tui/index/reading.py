"""Read one file for the index: its words, its symbols, or why not. Nothing is kept here.

A link is not followed, a pipe is not waited for, and a file that vanishes is told as such.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from pathlib import Path

from codexspark_tui.index.kinds import HUGE_BYTES, kind_by_content, kind_by_name
from codexspark_tui.index.values import FileFacts
from codexspark_tui.index.words import document, names_document
from codexspark_tui.patch.text import TextFile, decode

GONE = "it vanished while it was read"
TICK_NS = 20_000_000  # more than the grain of the times that file systems keep
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def blob_id(data: bytes) -> str:
    """The id that git gives to a blob with this content (in a repository that uses SHA-1)."""
    made = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    made.update(data)
    return made.hexdigest()


def read_file(root: Path, path: str, known_oid: str = "") -> FileFacts:
    """What is in the file. `known_oid`: the content that the index has; the same is not parsed
    again, and the facts then have neither words nor symbols but the same blob id."""
    try:
        seen, data = _content(root, path)
    except FileNotFoundError:
        return FileFacts(path, 0, 0, state="failed", note=GONE)
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        return FileFacts(path, 0, 0, state="failed", note=f"it cannot be read ({why.lower()})")
    size, mtime = seen.st_size, seen.st_mtime_ns
    if abs(time.time_ns() - mtime) < TICK_NS:
        mtime = 0  # it may change again without a later time: the next look finds it changed
    kind = kind_by_name(path, size) if stat.S_ISREG(seen.st_mode) else "special"
    if kind:
        return FileFacts(path, size, mtime, kind=kind, state="skipped")
    oid = blob_id(data)
    if oid == known_oid:
        return FileFacts(path, size, mtime, oid)
    decoded = decode(data)
    text = decoded.text if isinstance(decoded, TextFile) else data.decode("utf-8", "replace")
    text = text if text.isascii() else text.encode("utf-8", "replace").decode()
    kind = kind_by_content(data, text)
    if kind:
        return FileFacts(path, size, mtime, oid, kind, "skipped")
    return _facts(path, size, mtime, oid, text)


def _facts(path: str, size: int, mtime: int, oid: str, text: str) -> FileFacts:
    from codexspark_tui.syntax import outline

    found = outline(path, text)
    symbols = tuple(
        (s.name, s.kind, s.line, s.end_line, s.signature, s.parent) for s in found.symbols
    )
    names = names_document([s.name for s in found.symbols])
    note = found.note if found.how != "tree-sitter" else ""
    body, whole = document(text)
    return FileFacts(path, size, mtime, oid, "", "read", note, names, body, symbols, whole)


def _content(root: Path, path: str) -> tuple[os.stat_result, bytes]:
    """The file's state and content; no content of what is no file, or huge."""
    handle = os.open(f"{root}/{path}", _FLAGS)
    try:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode) or seen.st_size > HUGE_BYTES:
            return seen, b""
        return seen, os.read(handle, seen.st_size + 1)
    finally:
        os.close(handle)
