"""Passive sentences turned into requests: "x should be renamed to y" → "rename x to y".

Only word order changes, and the grammar must then cover all of it; what is negated ("should not
be renamed") or asked ("should x be renamed?") has another order and stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from codexspark_tui.codemods.sentences.tokens import Token, phrase

# Participle → the verb, and a word that the active sentence needs after its object.
_VERBS = {
    "renamed": ("rename", ""),
    "called": ("rename", "to"),
    "named": ("rename", "to"),
    "moved": ("move", ""),
    "relocated": ("move", ""),
    "put": ("move", ""),
    "extracted": ("extract", ""),
    "pulled": ("extract", ""),
    "factored": ("extract", ""),
    "turned": ("turn", ""),
    "inlined": ("inline", ""),
    "removed": ("remove", ""),
    "deleted": ("remove", ""),
    "dropped": ("remove", ""),
    "gone": ("remove", ""),
    "stripped": ("remove", ""),
    "sorted": ("sort", ""),
    "ordered": ("sort", ""),
    "organised": ("sort", ""),
    "organized": ("sort", ""),
    "alphabetised": ("sort", ""),
    "alphabetized": ("sort", ""),
    "modernised": ("modernise", ""),
    "modernized": ("modernise", ""),
    "upgraded": ("upgrade", ""),
    "simplified": ("simplify", ""),
    "formatted": ("format", ""),
    "reformatted": ("format", ""),
    "autoformatted": ("format", ""),
    "auto-formatted": ("format", ""),
    "replaced": ("replace", ""),
    "rewritten": ("rewrite", ""),
    "changed": ("rewrite", ""),
    "swapped": ("swap", ""),
    "added": ("add", ""),
    "created": ("create", ""),
    "generated": ("generate", ""),
    "inserted": ("insert", ""),
    "scaffolded": ("scaffold", ""),
    "stubbed": ("stub", ""),
}


def _split(phrases: str) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((phrase(p) for p in phrases.split("|")), key=len, reverse=True))


_WANT = _split(
    "i want|we want|i need|we need|i'd like|i would like|we'd like|we would like|have|get|make|"
    "make sure|make sure that|ensure|ensure that|see to it that|i'd like to have|"
    "i would like to have|i want to have|i'd like to see|i want to see|i'd love to have|"
    "i'd love to see"
)
_MODAL = _split(
    "should|must|shall|has to|have to|needs to|need to|ought to|is to|are to|should now|"
    "should really|should all|must all|must now|should also|should from now on|should better"
)
_BE = frozenset({"be", "get"})
_LINK = _split("to be|be|are|is|to get|get|are all|is all|all")


_GERUNDS = {
    "renaming": "rename",
    "moving": "move",
    "extracting": "extract",
    "inlining": "inline",
    "removing": "remove",
    "deleting": "remove",
    "sorting": "sort",
    "modernising": "modernise",
    "modernizing": "modernise",
    "simplifying": "simplify",
    "formatting": "format",
    "reformatting": "format",
    "replacing": "replace",
    "rewriting": "rewrite",
    "adding": "add",
    "creating": "create",
    "generating": "generate",
    "scaffolding": "scaffold",
    "stubbing": "stub",
}
_MIND = _split("would you mind|do you mind|mind")


def actives(tokens: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    """The active sentences that `tokens` may be the passive of; none for most sentences."""
    lowers = tuple(t.lower for t in tokens)
    for mind in _MIND:
        at = len(mind)
        if lowers[:at] == mind and lowers[at : at + 1] and lowers[at] in _GERUNDS:
            request = replace(tokens[at], text=_GERUNDS[lowers[at]], article=False)
            yield (request, *tokens[at + 1 :])
    for at, word in enumerate(lowers):
        if word not in _VERBS:
            continue
        verb, extra = _VERBS[word]
        for start, subject, end in _subjects(lowers, at):
            made = replace(tokens[at], text=verb, article=False)
            link = (replace(made, text=extra),) if extra else ()
            after = tokens[at + 1 :]
            yield (*tokens[:start], made, *tokens[subject:end], *link, *after)


def _subjects(lowers: tuple[str, ...], at: int) -> Iterator[tuple[int, int, int]]:
    """For the participle at `at`: where the sentence breaks in, and its subject (from, to)."""
    if at and lowers[at - 1] in _BE:
        end = at - 1
        for modal in _MODAL:
            begin = end - len(modal)
            if begin > 0 and lowers[begin:end] == modal:
                yield from ((start, start, begin) for start in _starts(lowers, begin))
        for start in (i for i in range(min(end, 6)) if lowers[i] in ("can", "could")):
            yield start, start + 1, end
    for want in _WANT:
        for start in range(min(at, 8)):
            if lowers[start : start + len(want)] == want:
                subject = start + len(want)
                end = _before_link(lowers, subject, at)
                if end > subject:
                    yield start, subject, end


def _starts(lowers: tuple[str, ...], end: int) -> Iterator[int]:
    """The beginning, and what follows a comma or colon ("in a.py, x should be …")."""
    yield 0
    for at, word in enumerate(lowers[: end - 1]):
        if word in (",", ":"):
            yield at + 1


def _before_link(lowers: tuple[str, ...], subject: int, at: int) -> int:
    for link in _LINK:
        if at - len(link) > subject and lowers[at - len(link) : at] == link:
            return at - len(link)
    return at
