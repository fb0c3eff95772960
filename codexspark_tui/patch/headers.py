"""The lines that are not content: hunk headers, git's extended headers, fences.

Each function says what one line means; none keeps state. Numbers in them are hints.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from codexspark_tui.patch.model import HunkHint, Mode
from codexspark_tui.patch.paths import unquote

_NUMBERED = re.compile(
    r"@@+[ \t]*-(\d{1,9})(?:,(\d{1,9}))?[ \t]+\+(\d{1,9})(?:,(\d{1,9}))?[ \t]*(@@+)?(.*)", re.DOTALL
)
_COMBINED = re.compile(r"@@@+ -\d{1,9}(?:,\d{1,9})? -\d")
_BARE = re.compile(r"@@[ \t]*(?:(?:\.\.\.|…)[ \t]*)?(?:@@)?[ \t]*")
_FENCE = re.compile(r"([ \t]{0,8}|[ \t]*(?:[-*+]|\d+[.)])[ \t]+)(`{3,}|~{3,})([^`]*)")
_ELISION = re.compile(
    r"(?:[^\w\s]{1,4}\s*)?(?:\.\.\.|…)(?:[^\n]{0,60}(?:\.\.\.|…))?(?:\s*[^\w\s]{1,4})?"
)
_TOLD_ELISION = re.compile(
    r"[^\w\s]{1,4}\s*(?:\.\.\.|…)[^\n]{0,50}\b(?:rest|existing|remain\w*|unchanged|same|omitted"
    r"|other|previous|truncated|elided|snip\w*)\b[^\n]{0,30}",
    re.IGNORECASE,
)
_EXTENDED = re.compile(
    r"(?:old mode|new mode|deleted file mode|new file mode|copy from|copy to|rename from"
    r"|rename to|similarity index|dissimilarity index|index) "
)


def hunk_header(text: str) -> HunkHint | None:
    """What a line that begins with "@@" says; None if it is no hunk header.

    "@@ -1,2 +3,4 @@ section", "@@ -1 +1 @@", "@@", "@@ ... @@", "@@ def name():" (an anchor).
    """
    if not text.startswith("@@"):
        return None
    match = _NUMBERED.fullmatch(text)
    if match is not None and (match.group(5) or not match.group(6).strip()):
        old, old_n, new, new_n, _, section = match.groups()
        return HunkHint(
            int(old),
            int(old_n) if old_n is not None else 1,
            int(new),
            int(new_n) if new_n is not None else 1,
            section=section[1:] if section.startswith(" ") else section,
        )
    if _BARE.fullmatch(text):
        return HunkHint()
    anchor = text.removeprefix("@@").strip()
    if anchor.endswith("@@"):
        anchor = anchor.removesuffix("@@").rstrip()
    if anchor.startswith("@") or re.match(r"-\d*,?\d*(?:\s+\+?\d*,?\d*)?$", anchor):
        return HunkHint()
    return HunkHint(anchors=(anchor,))


def is_combined_header(text: str) -> bool:
    """Whether a hunk's header has several old sides, as merges are shown."""
    return _COMBINED.match(text) is not None


def is_cut_hunk_header(text: str) -> bool:
    """Whether a last line without its line end may be the beginning of a longer hunk header."""
    return text.startswith("@")


@dataclass(slots=True)
class GitHeader:
    """What the extended headers of one file have said so far (names without their prefixes)."""

    old: str | None = None
    new: str | None = None
    old_mode: str | None = None
    new_mode: str | None = None
    created_mode: str | None = None
    deleted_mode: str | None = None
    moved_from: str | None = None
    moved_to: str | None = None
    copy: bool = False
    binary: bool = False
    index_mode: str | None = None
    had_content: bool = False

    def read(self, text: str) -> bool:
        """Take one line in; False if it is no extended header."""
        if not _EXTENDED.match(text):
            return self._read_binary(text)
        if text.startswith("index "):
            self.had_content = re.match(r"index 0*[1-9a-f]", text) is not None
            mode = text.rpartition(" ")[2]
            self.index_mode = mode if re.fullmatch(r"[0-7]{6}", mode) else None
        elif text.startswith(("copy ", "rename ")):
            verb, side, name = text.split(" ", 2)
            self.copy = verb == "copy"
            quoted = unquote(name)
            name = quoted[0] if quoted else name
            if side == "from":
                self.moved_from = name
            else:
                self.moved_to = name
        else:
            self._read_mode(text)
        return True

    def _read_mode(self, text: str) -> None:
        mode = text.rpartition(" ")[2]
        if text.startswith("old mode"):
            self.old_mode = mode
        elif text.startswith("new mode"):
            self.new_mode = mode
        elif text.startswith("new file"):
            self.created_mode = mode
        elif text.startswith("deleted file"):
            self.deleted_mode = mode

    def _read_binary(self, text: str) -> bool:
        if text.startswith("GIT binary patch") or (
            text.startswith("Binary files ") and text.endswith(" differ")
        ):
            self.binary = True
            return True
        return False

    @property
    def modes(self) -> tuple[str | None, ...]:
        return (self.old_mode, self.new_mode, self.created_mode, self.deleted_mode, self.index_mode)


def git_names(rest: str) -> tuple[str, str] | None:
    """The two raw names after "diff --git "; unquoted names with blanks must be the same name."""
    if _halves(rest) is None:
        rest = rest.rstrip()
    first = unquote(rest)
    if first is not None:
        second = unquote(first[1].strip())
        return first[0], second[0] if second else first[1].strip()
    if rest.endswith('"') and ' "' in rest:
        left, _, right = rest.partition(' "')
        second = unquote('"' + right)
        return (left, second[0]) if second else None
    return _unquoted_names(rest)


def _halves(rest: str) -> tuple[str, str] | None:
    """Two names with a blank between them that are one name behind their first folders."""
    middle = len(rest) // 2
    left, right = rest[:middle], rest[middle + 1 :]
    if len(rest) % 2 and rest[middle] == " " and left.partition("/")[2] == right.partition("/")[2]:
        return left, right
    return None


def _unquoted_names(rest: str) -> tuple[str, str] | None:
    halves = _halves(rest)
    if halves is not None:
        return halves
    if rest.count(" ") == 1:
        left, _, right = rest.partition(" ")
        return left, right
    found = [m.start() for m in re.finditer(" b/", rest[:4096])]
    return (rest[: found[0]], rest[found[0] + 1 :]) if len(found) == 1 else None


def as_mode(text: str | None) -> Mode | None:
    """The modes that we carry out; None for others (160000 is a submodule)."""
    match text:
        case "100644" | "100664" | "100600":
            return "100644"
        case "100755" | "100775" | "100700":
            return "100755"
        case "120000":
            return "120000"
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Fence:
    """A Markdown fence: its run of ` or ~, and the words after it."""

    mark: str
    info: str

    def closes(self, text: str) -> bool:
        """Whether `text` is the line that ends this fence."""
        seen = text.strip()
        return len(seen) >= len(self.mark) and not seen.strip(self.mark[0])


def fence(text: str) -> Fence | None:
    """The fence that a line opens (or closes), if it is one."""
    match = _FENCE.fullmatch(text)
    return Fence(match.group(2), match.group(3).strip()) if match else None


def is_elision(text: str) -> bool:
    """Whether a line only says "the rest stays": "...", "# ... existing code ..."."""
    seen = text.strip()
    if len(seen) >= 80 or ("..." not in seen and "…" not in seen):
        return False
    return _ELISION.fullmatch(seen) is not None or _TOLD_ELISION.fullmatch(seen) is not None
