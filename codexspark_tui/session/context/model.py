"""What a model is shown of the repository with a prompt: chosen by rule, with a reason for each.

    Context.choose(Wanted) → Chosen(pieces, left_out, images)

True here: files are read through the workspace and nothing else is; what looks like a secret is
never in a piece, whoever named it; nothing is left out without a reason, except files that nothing
named. The one who asks knows only the protocol `Context`; `choosing.py` is the one there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from codexspark_tui.providers.model import Image

Form: TypeAlias = Literal["text", "lines", "outline", "list", "image", "said"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that goes with the prompt.

    `digest` is that of the file that it was made of, and `blob` the id that git would give it;
    `ranges`: the lines of the file that it holds, none for all of them; `known`: the conversation
    holds it already, as it is now.
    """

    path: str
    reason: str
    text: str = ""
    form: Form = "text"
    tokens: int = 0
    digest: str = ""
    known: bool = False
    blob: str = ""
    ranges: tuple[tuple[int, int], ...] = ()

    @property
    def key(self) -> str:
        """What stands for it in what a conversation holds: the path, and the lines if not all."""
        return key_of(self.path, self.ranges)

    @property
    def lines(self) -> int:
        return self.text.count("\n") + (not self.text.endswith("\n") if self.text else 0)


def ranges_text(ranges: Iterable[tuple[int, int]]) -> str:
    """ "10-40,52-60"; "" for none."""
    return ",".join(f"{first}-{last}" for first, last in ranges)


def key_of(path: str, ranges: Iterable[tuple[int, int]]) -> str:
    said = ranges_text(ranges)
    return f"{path}:{said}" if said else path


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`wanted`: the person named it, or it looks like a secret, so they are told."""

    path: str
    why: str
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to choose for. `files` were named beside the prompt; `known`: digest by key of what
    the conversation holds. Not `with_list`: the list of files was sent before. `edited`: files
    that were changed in this session, the latest first; `pinned` and `dropped`: paths (pieces by
    `Piece.key`) that the person wants always, or never; `output`: what a command said last."""

    prompt: str
    files: tuple[str, ...]
    budget_tokens: int
    known: Mapping[str, str] = field(default_factory=dict)
    with_list: bool = True
    edited: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    output: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    pieces: tuple[Piece, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    images: tuple[Image, ...] = ()


class Context(Protocol):
    """Chooses what goes with a prompt. Called from another thread, one call at a time."""

    @property
    def root(self) -> Path:
        """The tree whose files the pieces are made of."""
        ...

    def choose(self, wanted: Wanted) -> Chosen: ...
