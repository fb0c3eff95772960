"""Names of files in patches: git's quoting, prefixes such as a/ and b/, and names to refuse.

The text alone cannot tell a prefix from a folder; `Exists` (a question to the tree) can. Nothing
here touches a disk, and nothing here makes a hostile name harmless: it is passed on as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

Exists: TypeAlias = Callable[[str], bool]

NOWHERE = "/dev/null"
_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_ESCAPED = {value: key for key, value in _ESCAPES.items()}
_PREFIX = re.compile(r"[abiwco12]/")
_TIMESTAMP = re.compile(
    r"[ \t]+(?:\d{4}-\d\d-\d\d[ T]\d\d:\d\d"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d ).*$"
)
_EPOCH = re.compile(
    r"[ \t](1970-01-01|1969-12-31) (\d\d):(\d\d)(?::00(?:\.0+)?)? ?([-+])(\d\d):?(\d\d)\s*$"
)
_STAMP_WIDTH = 80  # no timestamp is longer; it stands at the end
_LONGEST = 4096  # characters; no file system takes a longer path
_LABEL = re.compile(r"(?<=\S) +\([^()/]{1,40}\)$")  # "name (working copy)"
_PAIRS = {("a", "b"), ("i", "w"), ("c", "i"), ("c", "w"), ("o", "w"), ("1", "2"), ("b", "a")}
_HARMLESS = re.compile(r"\w[\w-]*(?:\.[\w-]+)*(?:/\w[\w-]*(?:\.[\w-]+)*)*", re.ASCII)
_CONTROLS = frozenset({"Cc", "Zl", "Zp"})
_SHORT_GIT = re.compile(r"git~\d+", re.IGNORECASE)


def unquote(text: str) -> tuple[str, str] | None:
    """A git-quoted name at the start of `text` and what follows it; None if it is not well formed.

    Octal escapes are bytes; bytes that are not UTF-8 become lone surrogates (os.fsdecode's way).
    """
    if not text.startswith('"'):
        return None
    data = bytearray()
    at = 1
    while at < len(text):
        character = text[at]
        if character == '"':
            return data.decode("utf-8", "surrogateescape"), text[at + 1 :]
        if character != "\\":
            data += character.encode("utf-8", "surrogateescape")
            at += 1
            continue
        octal = text[at + 1 : at + 4]
        if re.fullmatch(r"[0-3][0-7]{2}", octal):
            data.append(int(octal, 8))
            at += 4
        elif text[at + 1 : at + 2] in _ESCAPES and at + 1 < len(text):
            data.append(_ESCAPES[text[at + 1]])
            at += 2
        else:
            return None
    return None


def quote(name: str) -> str:
    """`name` as git prints it: quoted when it has quotes, controls or bytes beyond ASCII."""
    data = name.encode("utf-8", "surrogateescape")
    if all(32 <= byte < 127 and byte not in (34, 92) for byte in data):
        return name
    parts = []
    for byte in data:
        if byte in _ESCAPED:
            parts.append("\\" + _ESCAPED[byte])
        elif 32 <= byte < 127:
            parts.append(chr(byte))
        else:
            parts.append(f"\\{byte:03o}")
    return '"' + "".join(parts) + '"'


def header_name(text: str) -> str:
    """The name in what follows "--- " or "+++ ": unquoted, without a timestamp."""
    quoted = unquote(text.strip())
    if quoted is not None:
        return quoted[0]
    name, tab, _ = text.partition("\t")
    if not tab:
        stamp = _TIMESTAMP.search(name, max(len(name) - _STAMP_WIDTH, 0))
        name = (name[: stamp.start()] if stamp else name).strip()
    if len(name) > 2 and name[0] == name[-1] == "`":
        name = name[1:-1]
    return name


def header_side(text: str) -> str:
    """As `header_name`; NOWHERE where the timestamp is the epoch, which says "no such file"."""
    stamp = _EPOCH.search(text, max(len(text) - _STAMP_WIDTH, 0))
    if stamp is not None:
        hours, zone_hours, zone_minutes = (int(stamp.group(i)) for i in (2, 5, 6))
        minutes = hours * 60 + int(stamp.group(3)) - 1440 * (stamp.group(1) == "1969-12-31")
        shift = (zone_hours * 60 + zone_minutes) * (-1 if stamp.group(4) == "-" else 1)
        if minutes == shift:
            return NOWHERE
    return header_name(text)


@dataclass(frozen=True, slots=True)
class FileNames:
    """What a file header names; None stands for /dev/null (there is no file on that side)."""

    old: str | None
    new: str | None

    @property
    def target(self) -> str | None:
        """The file that is there afterwards; for a deletion, the one that goes."""
        return self.new if self.new is not None else self.old


class Leads:
    """The folders that names of one patch have before what the tree calls them, seen so far.

    A patch of "curl/lib/x.c" that is for lib/x.c makes its new file "curl/lib/y.c" in lib, too.
    """

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}
        self._own: set[str] = set()

    def learn(self, name: str, path: str) -> None:
        """`name` of the patch is the file `path`, which the tree has."""
        name = _undotted(name)
        if name == path:
            self._own.add(name.partition("/")[0])
        elif name.endswith("/" + path):
            self._seen[name[: -len(path)]] = None

    def below(self, name: str) -> str | None:
        """The name without such folders; None where none of them begins it."""
        name = _undotted(name)
        if self.is_of_tree(name):
            return None
        found = max((lead for lead in self._seen if name.startswith(lead)), key=len, default="")
        return name[len(found) :] or None if found else None

    def is_of_tree(self, name: str) -> bool:
        """Whether a file of the tree was named with the same first folder as it stands."""
        return _undotted(name).partition("/")[0] in self._own


def name_below(old: str, new: str) -> str | None:
    """The name that "x.orig/name" and "x/name" share; None where they are not such a pair."""
    first, _, rest = _undotted(old).partition("/")
    second, _, other = _undotted(new).partition("/")
    return rest if rest and rest == other and first and second and first != second else None


def best_names(old: str, new: str, exists: Exists | None, leads: Leads | None = None) -> FileNames:
    """The best reading of a pair of raw header names, asked of the tree where there is one."""
    if old == NOWHERE or new == NOWHERE:
        return FileNames(
            None if old == NOWHERE else _one_sided(old, "ab", exists, leads),
            None if new == NOWHERE else _one_sided(new, "ba", exists, leads),
        )
    plain = _by_text(old, new)
    if exists is None:
        return plain
    for candidate in (plain.new, plain.old):
        if candidate is not None and exists(candidate):
            return plain
    for name in _readings(new, same=old == new):
        if exists(name):
            return FileNames(name, name)
    for name in _readings(old, same=old == new):
        if exists(name):
            return FileNames(name, name if plain.old == plain.new else _as_deep(old, name, new))
    below = leads.below(new) if leads is not None and plain.old == plain.new else None
    return plain if below is None else FileNames(below, below)


def _as_deep(old: str, name: str, new: str) -> str:
    """`new` without as many folders as `old` has more than `name`, which is its end."""
    old, new = _undotted(old), _undotted(new)
    more = old.count("/") - name.count("/") if old.endswith("/" + name) else 0
    return without_folders(new, more) or new


def without_folders(name: str, count: int) -> str:
    """The name without its first `count` parts (an absolute name's first is empty); "" if none."""
    return "/".join(name.split("/")[count:])


def names_a_file(text: str, exists: Exists | None) -> bool:
    """Whether a header's text ("--- " or "+++ " and a name) is for a file that is known."""
    if exists is None:
        return False
    name = header_name(text[4:])
    target = best_names(name, name, exists).target
    return target is not None and exists(target)


def _by_text(old: str, new: str) -> FileNames:
    """The reading that the two names alone suggest."""
    old, new = _undotted(old), _undotted(new)
    if old == new:
        return FileNames(old, new)
    bare_old, bare_new = _stripped(old), _stripped(new)
    if bare_old is not None and bare_new is not None:
        pair = (old[0], new[0])
        if pair in {("a", "b"), ("b", "a")} or (pair in _PAIRS and bare_old == bare_new):
            return FileNames(bare_old, bare_new)
    if bare_new is not None and bare_new == old:
        return FileNames(old, old)
    if bare_old is not None and bare_old == new:
        return FileNames(new, new)
    return FileNames(old, new)


def _one_sided(name: str, prefixes: str, exists: Exists | None, leads: Leads | None) -> str:
    """The name of a created or deleted file: a/ and b/ go, others only if the tree says so, or
    other names of the patch."""
    name = _undotted(name)
    plain = name[2:] if name[:2] in {prefixes[0] + "/", prefixes[1] + "/"} else name
    if exists is None or exists(plain):
        return plain
    known = next((reading for reading in _readings(name, same=False) if exists(reading)), None)
    return known or (leads.below(name) if leads is not None else None) or plain


def _readings(name: str, *, same: bool) -> Iterator[str]:
    """Other readings of a name, likeliest first; for absolute names, ever shorter ends."""
    name = _undotted(name)
    stripped = _stripped(name)
    plain = [name] if stripped is None else [stripped, name]
    yield from reversed(plain) if same else plain
    if len(name) > _LONGEST:
        return
    label = _LABEL.search(name)
    other = name[: label.start()] if label is not None else name.replace("\\", "/")
    if other != name and (label is None or not _LABEL.search(other)):
        yield from _readings(other, same=same)
        return
    if ".." in name.split("/"):
        return
    rest = name
    for _ in range(min(name.count("/"), 64)):
        rest = rest.partition("/")[2]
        if rest:
            yield rest


def _undotted(name: str) -> str:
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    return name


def _stripped(name: str) -> str | None:
    return name[2:] if _PREFIX.match(name) and len(name) > 2 else None


def unsafe_path(path: str, *, there: bool = False) -> str | None:
    """Why a path must not be written, as a sentence; None if nothing is wrong with its text.

    Links in the tree are the writer's to check; this looks at the name only. A file that is `there`
    may have control characters in its name; none is made with them.
    """
    if not path:
        return "The path is empty."
    if len(path) > _LONGEST:
        return f"The path {path[:60]}... is too long."
    if _HARMLESS.fullmatch(path):
        return None
    if there and "\0" not in path:
        path = "".join(c for c in path if unicodedata.category(c) not in _CONTROLS) or "_"
    if any(unicodedata.category(character) in _CONTROLS for character in path):
        return "The path has a control character in it."
    if path.startswith(("/", "\\", "~/")) or re.match(r"[A-Za-z]:", path):
        return f"The path {path} is absolute; it must stay inside the project."
    for part in re.split(r"[/\\]", path):
        if part == "..":
            return f"The path {path} leads out of the project."
        if _is_git(part):
            return f"The path {path} is inside git's own folder."
    parts = path.split("/")
    if "" in parts or "." in parts:
        return f"The path {path} has an empty part or a lone dot in it."
    return None


def _is_git(part: str) -> bool:
    """ ".git" as any file system may read it: case, ignored characters, trailing dots, streams."""
    seen = "".join(c for c in part if unicodedata.category(c) != "Cf")
    folded = unicodedata.normalize("NFKC", seen).casefold().split(":", 1)[0].rstrip(" .")
    return folded == ".git" or _SHORT_GIT.fullmatch(folded) is not None
