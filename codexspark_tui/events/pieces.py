"""What goes along with a request, piece by piece, as events show it."""

from __future__ import annotations

import msgspec


class ContextPiece(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that goes with the request. `path` is "" for the list of files, what was attached,
    and texts that were mentioned (@diff …).

    `reason`: "named", "mentioned", "pinned", "in the prompt", "defines NAME", "uses NAME", "its
    words", "file list", "attached", "image" …, several joined by ", "; `form`: "text", "lines",
    "outline", "list", "image", "said". `known`: sent in an earlier turn and not changed since, so
    not sent again. `tokens` are estimated. `blob`: the id that git gives to the file as it was
    read; `ranges`: the lines that are sent ("10-40,52-60"), "" for a whole file.
    """

    path: str
    reason: str
    form: str = "text"
    lines: int = 0
    tokens: int = 0
    known: bool = False
    blob: str = ""
    ranges: str = ""


class ContextLeftOut(msgspec.Struct, frozen=True):
    """A file that was not sent, and why. `wanted`: the person named it, or it looks like a secret;
    else only a word of the prompt had led to it."""

    path: str
    why: str
    wanted: bool = True
