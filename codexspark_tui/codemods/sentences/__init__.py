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

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from codexspark_tui.codemods.model import (
    NotUnderstood,
    Replace,
    Request,
    Understanding,
    Understood,
)
from codexspark_tui.codemods.sentences.build import requests, with_files
from codexspark_tui.codemods.sentences.command import command_of, request_of, typed
from codexspark_tui.codemods.sentences.grammar import CODEMODS, the_grammar
from codexspark_tui.codemods.sentences.tokens import MAX_CHARACTERS, Token, cut
from codexspark_tui.codemods.sentences.voice import actives

__all__ = ["command_of", "request_of", "understand"]


_MOST_WORDINGS = 8
_QUOTED_OR_MENTION = re.compile(r"""`[^`]*`|"[^"]*"|'[^']*'|(?<![^\s(,])@(?=[\w./~])""")


def understand(sentence: str, files: Sequence[str] = ()) -> Understanding:
    """Reads `sentence`; `files` are the paths that were given beside it on the command line.

    Never raises for any text. A sentence over 4,000 characters is not understood. `@src/io.py` and
    `@parse` are the path and the name, as in any prompt, but where code is what is spoken of.
    """
    named = _QUOTED_OR_MENTION.sub(lambda found: found[0].removeprefix("@"), sentence)
    request = _request(named, files)
    if named != sentence and isinstance(request, Replace):
        request = _request(sentence, files)
    if request is not None:
        return Understood(request, command_of(request))
    from codexspark_tui.codemods.sentences.nearest import nearest  # Seldom needed.

    return NotUnderstood(nearest(named, files, _request))


def _request(sentence: str, files: Sequence[str] = ()) -> Request | None:
    if len(sentence) > MAX_CHARACTERS:
        return None
    explicit = typed(sentence)
    if explicit is not None:
        return with_files(explicit, files)
    said = cut(sentence)
    if not said:
        return None
    found: list[Request] = []
    for wording in (said, *islice(actives(said), _MOST_WORDINGS)):
        for request in _readings(wording, sentence, files):
            if request not in found:
                found.append(request)
    return found[0] if len(found) == 1 else None


def _readings(said: tuple[Token, ...], sentence: str, files: Sequence[str]) -> Iterator[Request]:
    for codemod, readings in the_grammar().readings(CODEMODS, said):
        yield from requests(codemod, readings, sentence, files)
