"""Themes: colours by role, read from TOML files, as pure data; and whether text on them is legible.

A theme is a file `NAME.toml`: `title`, `description`, `extends` and one table `[colours]`. The
shipped ones come first, then the user's, which may extend any other. A file with an error is left
out and named with its key and the reason; it never keeps the others from being loaded. Files are
taken for hostile: bounded, regular, and nothing of them reaches a message unescaped.

Only the standard library: what a toolkit makes of a role belongs to the face that draws it.
"""

from __future__ import annotations

import math
import os
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from codexspark_tui.errors import SparkError
from codexspark_tui.state_dir import config_dir

DEFAULT = "spark-dark"
LARGEST_BYTES = 32 * 1024
LONGEST_LINE = 1000  # bytes; a dotted key costs the square of its length to read
MOST_FILES = 200
MOST_PROBLEMS = 20  # that are named of one file
LEGIBLE = 4.5  # WCAG 2.2, success criterion 1.4.3 (level AA, text of normal size)

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "background": "the screen behind prose and diff",
        "surface": "background of the file rail and the prompt",
        "panel": "background of the status line, headers and dialogs",
        "text": "prose and code",
        "muted": "what is said in passing: hints, times, counts",
        "border": "lines between panes; never text",
        "accent": "what has the focus, links and keys; the background of a chosen button",
        "accent_text": "text on the accent colour",
        "selection": "background of selected text and of the chosen row of a list",
        "cursor": "background of the row that the keys act on",
        "added": "the sign of an added line, and counts of them",
        "added_background": "background of an added line",
        "added_word": "background of the words that are new in an added line",
        "removed": "the sign of a removed line, and counts of them",
        "removed_background": "background of a removed line",
        "removed_word": "background of the words that are gone from a removed line",
        "context": "lines around a change that stay as they are",
        "line_number": "line numbers beside a diff",
        "hunk_header": "where a hunk begins: its lines and the function around it",
        "writing": "a change that is still being written",
        "placed": "a change whose place is known; also: moved",
        "ambiguous": "a change that fits in more than one place",
        "refused": "a change that cannot or must not be placed",
        "accepted": "a change that was accepted and is on disk",
        "rejected": "a change that was rejected",
        "stale": "a change whose file has moved on under it",
        "undone": "an accepted change that was taken back",
        "error": "something failed",
        "warning": "something needs eyes",
        "success": "something went well",
        "keyword": "code: words of the language",
        "string": "code: texts",
        "comment": "code: comments",
        "number": "code: numbers and constants",
        "function": "code: names of functions",
        "type": "code: names of types",
    }
)
"""Every role, with what it is for. A theme gives each of them a colour."""

FALLBACKS: Mapping[str, str] = MappingProxyType(
    {"keyword": "accent", "string": "success", "comment": "muted"}
    | {"number": "warning", "function": "text", "type": "text"}
)
"""Roles that a file may leave out, and the role whose colour is taken instead."""

_PAGES = ("background", "surface", "panel", "cursor", "selection")
_LINES = ("added_background", "removed_background")
_WORDS = ("added_word", "removed_word")
_DECIDED = ("accepted", "rejected", "stale", "undone")
_OUTCOMES = ("error", "warning", "success")
_OPEN = ("writing", "placed", "ambiguous", "refused")

DRAWN_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("text", *FALLBACKS), _PAGES + _LINES + _WORDS),
        **dict.fromkeys(("muted", "line_number", *_OPEN, *_DECIDED), _PAGES + _LINES),
        **dict.fromkeys(("context", "hunk_header", "accent", *_OUTCOMES), _PAGES),
        "added": (*_PAGES, "added_background", "added_word"),
        "removed": (*_PAGES, "removed_background", "removed_word"),
        "accent_text": ("accent",),
    }
)
"""For each role that is text: the roles it may be drawn on. A face draws nothing else."""

_KEYS = ("title", "description", "extends", "colours")
_LONGEST = {"title": 40, "description": 200, "extends": 40}
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")


@dataclass(frozen=True, slots=True)
class Theme:
    """`name` is what a person types, `title` what a list shows; `colours` has each of `ROLES`.

    Colours are "#rrggbb" in lower case. `file` is where it was read.
    """

    name: str
    title: str
    description: str
    file: Path
    colours: Mapping[str, str] = field(hash=False)

    @property
    def dark(self) -> bool:
        """True where white is more legible on the background than black."""
        background = self.colours["background"]
        return contrast("#ffffff", background) > contrast("#000000", background)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file (or a folder) was left out. `key` is dotted, and empty for the file as a whole."""

    file: Path
    key: str
    reason: str

    def __str__(self) -> str:
        """One line without control characters, whatever the file is called."""
        parts = (str(self.file), self.key, self.reason)
        return ": ".join(_printable(part) for part in parts if part)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Themes by name, the default first, shipped before the user's. `DEFAULT` is always there."""

    themes: Mapping[str, Theme] = field(hash=False)
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Text of colour `role` on colour `on` has contrast `ratio`, which is less than `needed`."""

    role: str
    on: str
    ratio: float
    needed: float

    def __str__(self) -> str:
        return f"{self.role} on {self.on}: contrast {self.ratio:.2f}, needed {self.needed:g}"


@dataclass(frozen=True, slots=True)
class _Draft:
    """What one file says, before what it extends is put under it."""

    name: str
    file: Path
    title: str
    description: str
    extends: str
    colours: Mapping[str, str]


def load_all(user_folder: Path | None = None) -> Loaded:
    """The shipped themes, then those of `user_folder` (default: `themes` in our config folder).

    Raises `SparkError` only if the shipped default itself is not there: a broken installation.
    """
    problems: list[Problem] = []
    shipped = _read_folder(shipped_folder(), problems)
    themes = _finish_all(shipped, shipped, problems)
    if DEFAULT not in themes:
        raise SparkError(
            "the themes that belong to spark are missing",
            detail="\n".join(str(problem) for problem in problems),
            next_step="Install codexspark-tui again.",
        )
    own = _read_folder(_user_folder(user_folder), problems)
    for name in sorted(own.keys() & shipped.keys()):
        reason = f"the name {name!r} belongs to a shipped theme; call the file something else"
        problems.append(Problem(own.pop(name).file, "file name", reason))
    themes |= _finish_all(own, shipped | own, problems)
    ordered = sorted(themes.values(), key=lambda t: (t.name != DEFAULT, t.name not in shipped))
    return Loaded(MappingProxyType({theme.name: theme for theme in ordered}), tuple(problems))


def shipped_folder() -> Path:
    """`_themes` in an installed package, else the `themes` beside the package in a source tree."""
    package = Path(__file__).parent
    installed = package / "_themes"
    return installed if installed.is_dir() else package.parent / "themes"


def stamp(user_folder: Path | None = None) -> tuple[tuple[str, int, int, int], ...]:
    """Name, inode, size and time of every theme file: differs once `load_all` would read anew.

    Cheap enough to be asked each second; opens no file.
    """
    found: list[tuple[str, int, int, int]] = []
    for folder in (shipped_folder(), _user_folder(user_folder)):
        for path in _files(folder, []):
            try:
                now = path.stat()
                found.append((str(path), now.st_ino, now.st_size, now.st_mtime_ns))
            except OSError:
                found.append((str(path), 0, 0, 0))
    return tuple(found)


def contrast(a: str, b: str) -> float:
    """From 1 (alike) to 21 (black and white), for two colours "#rgb" or "#rrggbb".

    WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio. Raises `ValueError` for other text.
    """
    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """From 0 to 1, as https://www.w3.org/TR/WCAG22/#dfn-relative-luminance; else `ValueError`."""
    digits = _full(colour)[1:]
    shares = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = (c / 12.92 if c <= 0.04045 else math.pow((c + 0.055) / 1.055, 2.4) for c in shares)
    return sum(part * c for part, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def check_contrast(theme: Theme, needed: float = LEGIBLE) -> tuple[Finding, ...]:
    """Every text role on every role that it is drawn on (`DRAWN_ON`) where contrast < `needed`."""
    pairs = ((role, on) for role, backgrounds in DRAWN_ON.items() for on in backgrounds)
    colours = theme.colours
    ratios = ((role, on, contrast(colours[role], colours[on])) for role, on in pairs)
    return tuple(Finding(role, on, r, needed) for role, on, r in ratios if r < needed)


def _user_folder(given: Path | None) -> Path:
    return config_dir() / "themes" if given is None else given


def _files(folder: Path, problems: list[Problem]) -> list[Path]:
    """The theme files of a folder by name; hidden ones are an editor's."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []  # the user has none
    except OSError as error:
        problems.append(Problem(folder, "", f"the folder cannot be read: {error.strerror}"))
        return []
    names = [name for name in names if name.endswith(".toml") and not name.startswith(".")]
    if len(names) > MOST_FILES:
        reason = f"has {len(names)} themes; only the first {MOST_FILES} by name were read"
        problems.append(Problem(folder, "", reason))
    return [folder / name for name in names[:MOST_FILES]]


def _read_folder(folder: Path, problems: list[Problem]) -> dict[str, _Draft]:
    drafts: dict[str, _Draft] = {}
    for path in _files(folder, problems):
        found = _draft(path)
        if isinstance(found, _Draft):
            drafts[found.name] = found
        else:
            problems.extend(found)
    return drafts


def _draft(path: Path) -> _Draft | list[Problem]:
    """What the file says, or everything that is wrong with it."""
    if not _NAME.fullmatch(path.stem):
        reason = "a theme's name is up to 40 of a-z, 0-9, - and _, the first and last no sign"
        return [Problem(path, "file name", reason)]
    values = _read(path)
    if isinstance(values, str):
        return [Problem(path, "", values)]
    problems: list[Problem] = []
    for key in [key for key in values if key not in _KEYS][:MOST_PROBLEMS]:
        problems.append(Problem(path, _cut(key), "there is no such key" + _nearest(key, _KEYS)))
    texts: dict[str, str] = {}
    for key, longest in _LONGEST.items():
        value = values.get(key, "")
        if isinstance(value, str) and value.isprintable() and len(value) <= longest:
            texts[key] = value
        else:
            reason = f"must be one line of at most {longest} plain characters, not {_shown(value)}"
            problems.append(Problem(path, key, reason))
    colours = _colours(path, values.get("colours", {}), problems)
    if problems:
        return problems
    title = texts["title"].strip() or path.stem
    return _Draft(path.stem, path, title, texts["description"], texts["extends"], colours)


def _read(path: Path) -> Mapping[str, object] | str:
    """The file's values, or why it cannot be read. A device or a pipe is never opened."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return "is not a regular file"
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with os.fdopen(handle, "rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if len(data) > LARGEST_BYTES:
        return f"is larger than {LARGEST_BYTES // 1024} KiB"
    if max(map(len, data.split(b"\n"))) > LONGEST_LINE:
        return f"has a line of more than {LONGEST_LINE} bytes"
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        return f"is not TOML: {_cut(str(error), 200)}"
    except RecursionError:
        return "is not a theme: it is nested too deeply"


def _colours(path: Path, table: object, problems: list[Problem]) -> dict[str, str]:
    if not isinstance(table, dict):
        reason = f"must be a table of roles and colours, not {_shown(table)}"
        problems.append(Problem(path, "colours", reason))
        return {}
    colours: dict[str, str] = {}
    for role, value in table.items():
        if role not in ROLES:
            reason = "there is no such role" + _nearest(role, ROLES)
        elif not isinstance(value, str) or not _COLOUR.fullmatch(value):
            reason = f'must be a colour such as "#3fa" or "#33ffaa", not {_shown(value)}'
        else:
            colours[role] = _full(value)
            continue
        problems.append(Problem(path, f"colours.{_cut(role)}", reason))
        if len(problems) >= MOST_PROBLEMS:
            break
    return colours


def _finish_all(
    drafts: Mapping[str, _Draft], known: Mapping[str, _Draft], problems: list[Problem]
) -> dict[str, Theme]:
    finished = [_finish(draft, known) for draft in drafts.values()]
    problems.extend(found for found in finished if isinstance(found, Problem))
    return {found.name: found for found in finished if isinstance(found, Theme)}


def _finish(draft: _Draft, known: Mapping[str, _Draft]) -> Theme | Problem:
    """The draft over all that it extends, with the fallbacks for what is still open."""
    chain = [draft]
    while below := chain[-1].extends:
        if below not in known:
            reason = f"there is no usable theme {below!r}" + _nearest(below, known)
            return Problem(draft.file, "extends", reason)
        if known[below] in chain:
            way = " → ".join([*(link.name for link in chain), below])
            return Problem(draft.file, "extends", f"goes round in a circle: {way}")
        chain.append(known[below])
    colours = {role: value for link in reversed(chain) for role, value in link.colours.items()}
    missing = [role for role in ROLES if role not in colours and role not in FALLBACKS]
    if missing:
        reason = f"gives no colour to {', '.join(missing)}; add them, or extend another theme"
        return Problem(draft.file, "colours", reason)
    every = {role: colours.get(role) or colours[FALLBACKS[role]] for role in ROLES}
    return Theme(draft.name, draft.title, draft.description, draft.file, MappingProxyType(every))


def _full(colour: str) -> str:
    """ "#rrggbb" in lower case."""
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f"{colour!r} is no colour such as '#3fa' or '#33ffaa'")
    digits = colour[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


def _nearest(word: str, known: Iterable[str]) -> str:
    import difflib  # only an error needs it

    close = difflib.get_close_matches(_cut(word), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _shown(value: object) -> str:
    """A value for a message: a text (cut) as it would be written, anything else by its kind."""
    if isinstance(value, str):
        return repr(_cut(value))
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "a table" if isinstance(value, dict) else "a date")


def _cut(text: str, longest: int = 40) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)[1:-1]
