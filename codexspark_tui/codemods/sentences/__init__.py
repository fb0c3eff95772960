"""sentences: a plain English sentence of a programmer, read as a codemod request. Pure.

    understand(sentence, files=()) -> Understood | NotUnderstood

A sentence is understood when the whole of it is one request and every way to read it is the same
request; anything else is not understood, with the nearest things that could be done. Nothing is
guessed and nothing that was said is dropped. No file is read here, and nothing is imported that
the standard library does not have.

    tokens   words, quotes, code, arrows        match    the small language of the grammar
    shapes   what looks like a name, a path     grammar  the rules, with `words` and `slots`
    build    from captures to a request         command  from a request to `spark …` and back
    nearest  suggestions
"""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.codemods.model import NotUnderstood, Request, Understanding, Understood
from codexspark_tui.codemods.sentences.build import requests
from codexspark_tui.codemods.sentences.command import command_of, request_of
from codexspark_tui.codemods.sentences.grammar import CODEMODS, grammar
from codexspark_tui.codemods.sentences.tokens import MAX_CHARACTERS, tokens

__all__ = ["command_of", "request_of", "understand"]


def understand(sentence: str, files: Sequence[str] = ()) -> Understanding:
    """Reads `sentence`; `files` are the paths that were given beside it on the command line.

    Never raises for any text. A sentence over 4,000 characters is not understood.
    """
    request = _request(sentence, files)
    if request is not None:
        return Understood(request, command_of(request))
    from codexspark_tui.codemods.sentences.nearest import nearest  # Seldom needed.

    return NotUnderstood(nearest(sentence, files, _request))


def _request(sentence: str, files: Sequence[str] = ()) -> Request | None:
    if len(sentence) > MAX_CHARACTERS:
        return None
    if not files and (explicit := request_of(sentence)) is not None:
        return explicit
    cut = tokens(sentence)
    if not cut:
        return None
    found: list[Request] = []
    for codemod in CODEMODS:
        readings = grammar().readings(f"say_{codemod}", cut)
        for request in requests(codemod, readings, sentence, files):
            if request not in found:
                found.append(request)
    return found[0] if len(found) == 1 else None
