"""For a sentence that was not understood: the nearest things that can be done, and how to say them.

Parts of the sentence that are understood by themselves come first, word for word; then the
codemods whose words occur, with the names, paths and lines of the sentence filled in. Every
example is a sentence that is understood as the request of its command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codexspark_tui.codemods.model import (
    Docstrings,
    Extract,
    Inline,
    MoveModule,
    MoveName,
    RenameModule,
    RenameSymbol,
    Replace,
    Request,
    Suggestion,
    TestSkeletons,
    Tidy,
)
from codexspark_tui.codemods.sentences import shapes
from codexspark_tui.codemods.sentences.command import command_of
from codexspark_tui.codemods.sentences.slots import NEVER, NOUNS
from codexspark_tui.codemods.sentences.tokens import Token, cut

_MOST = 3
_MAX_PARTS = 6

# Word beginnings that speak for a codemod, with their weight.
_SIGNS: tuple[tuple[str, str, int], ...] = (
    ("rename", "rename|renaming", 9),
    ("rename", "name|named|names|called|call", 3),
    ("move", "move|moving|relocat", 9),
    ("extract", "extract|factor", 9),
    ("extract", "split|lines", 2),
    ("inline", "inlin", 9),
    ("tidy", "unused|unneeded|sort|order|organi|moderni|pyupgrade|simplif|format|reformat|tidy", 8),
    ("tidy", "import|clean|lint|syntax|dead|upgrade|remove|indent", 4),
    ("replace", "replace|substitut|swap|rewrite", 9),
    ("replace", "change|use|convert|migrat", 2),
    ("tests", "test|tests|pytest|unittest|skeleton", 6),
    ("docstrings", "docstring", 9),
    ("docstrings", "document|doc|comment|stub", 3),
    ("tests", "stub|scaffold|cover", 3),
)
_BREAKS = (
    r"[,;.]? (?:and then|and also|and|then|but|if|unless|except|while|because|so that|only) |"
    r"[,;] |\. "
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the sentence mentions."""

    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    lines: tuple[int, int] | None = None
    codes: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()

    @property
    def python(self) -> str:
        """A Python file of the sentence that is no test file, or any."""
        fits = (p for p in self.paths if shapes.suffix(p) == ".py" and "test" not in p)
        return next(fits, "src/io.py")


def nearest(
    sentence: str, files: Sequence[str], understand: Callable[[str], Request | None]
) -> tuple[Suggestion, ...]:
    """One to three suggestions. `understand` reads one sentence, without files beside it."""
    seen = cut(sentence)
    if seen is None:
        seen, sentence = (), ""
    found = _mentions(seen, files)
    suggestions = _parts(sentence, understand)
    for codemod in _ranked(found):
        if len(suggestions) >= _MOST:
            break
        if codemod in {s.codemod for s in suggestions}:
            continue
        for mentioned in (found, _Found()):
            example, request = _EXAMPLES[codemod](mentioned)
            if understand(example) == request:
                suggestions.append(Suggestion(codemod, example, command_of(request)))
                break
    return tuple(suggestions[:_MOST])


def name_of(request: Request) -> str:
    """The word by which the codemod is called on the command line."""
    match request:
        case RenameSymbol() | RenameModule():
            return "rename"
        case MoveName() | MoveModule():
            return "move"
        case Extract():
            return "extract"
        case Inline():
            return "inline"
        case Tidy():
            return "tidy"
        case Replace():
            return "replace"
        case Docstrings():
            return "docstrings"
        case TestSkeletons():
            return "tests"


def _parts(sentence: str, understand: Callable[[str], Request | None]) -> list[Suggestion]:
    found: list[Suggestion] = []
    # One space at a time: runs of white space would make the search for breaks quadratic.
    parts = [part.strip() for part in re.split(_BREAKS, " ".join(sentence.split()))[:_MAX_PARTS]]
    if len(parts) < 2:
        return []
    for part in parts:
        request = understand(part) if part else None
        if request is not None and all(s.command != command_of(request) for s in found):
            found.append(Suggestion(name_of(request), part, command_of(request)))
    return found


def _mentions(seen: Sequence[Token], files: Sequence[str]) -> _Found:
    names: list[str] = []
    paths: list[str] = []
    lines: tuple[int, int] | None = None
    for token in seen:
        placed = shapes.placed(token.text)
        if placed is not None:
            paths.append(placed[0])
            lines = lines or (placed[1], placed[2] or placed[1])
        elif shapes.looks_like_path(token.text):
            paths.append(token.text)
        elif (span := shapes.line_range(token.text)) is not None:
            lines = lines or span
        elif (name := _certain_name(token)) is not None:
            names.append(name)
    codes = [t.text for t in seen if t.quoted and shapes.looks_like_code(t.text)]
    words = frozenset(t.lower for t in seen)
    return _Found(
        tuple(dict.fromkeys([*_names_at_arrow(seen), *names])) or _names_after_verb(seen),
        tuple(dict.fromkeys([*paths, *files])),
        lines if lines and 1 <= lines[0] <= lines[1] else None,
        tuple(codes),
        words,
    )


def _certain_name(token: Token) -> str | None:
    if token.plain or token.lower in NEVER or token.lower in shapes.LANGUAGES:
        return None
    if not token.quoted and (token.text.istitle() or token.text.isupper()) and token.start == 0:
        return None
    if token.text.lower() in ("i", "i'd"):
        return None
    return shapes.bare_name(token.text)


def _names_at_arrow(seen: Sequence[Token]) -> tuple[str, ...]:
    """The names on both sides of "to"; nothing when the left one is none."""
    for left, middle, right in zip(seen, seen[1:], seen[2:], strict=False):
        if middle.lower in ("to", "->", "into", "as"):
            both = [shapes.bare_name(t.text) for t in (left, right) if _may_be_name(t)]
            if len(both) == 2 and all(both):
                return tuple(str(name) for name in both)
    return ()


def _may_be_name(token: Token) -> bool:
    return token.quoted or token.lower not in NEVER | NOUNS


def _names_after_verb(seen: Sequence[Token]) -> tuple[str, ...]:
    """`rename a to b` has no certain name; after the verb a plain word is taken for one."""
    verbs = {"rename", "move", "inline"}
    start = next((i for i, t in enumerate(seen) if t.lower in verbs), None)
    if start is None:
        return ()
    taken: list[str] = []
    for index, token in enumerate(seen[start + 1 : start + 5], start + 1):
        after = seen[index - 1].lower
        fits = shapes.bare_name(token.text) is not None and not token.article
        if fits and after in verbs | {"to"} and token.lower not in NEVER | NOUNS:
            taken.append(token.text)
    return tuple(taken)


def _ranked(found: _Found) -> list[str]:
    scores = dict.fromkeys(_EXAMPLES, 0)
    for codemod, signs, weight in _SIGNS:
        if any(word.startswith(sign) for word in found.words for sign in signs.split("|")):
            scores[codemod] += weight
    ranked = sorted((c for c in scores if scores[c] > 1), key=lambda c: -scores[c])
    best = max(scores.values())
    close = [c for c in ranked if scores[c] * 3 >= best]
    return close or ["rename", "tidy", "extract"]


def _quoted(name: str) -> str:
    return f"`{name}`" if any(c.isspace() for c in name) or name.lower() in NEVER | NOUNS else name


def _rename(found: _Found) -> tuple[str, Request]:
    old = found.names[0] if found.names else "old_name"
    new = next((n for n in found.names[1:] if "." not in n), "new_name")
    return f"rename `{old}` to `{new}`", RenameSymbol(old, new)


def _move(found: _Found) -> tuple[str, Request]:
    name = next((n for n in found.names if "." not in n), "some_name")
    to = found.names[1] if len(found.names) > 1 and "." in found.names[1] else "package.module"
    return f"move the function `{name}` to the module `{to}`", MoveName(name, to)


def _extract(found: _Found) -> tuple[str, Request]:
    first, last = found.lines or (10, 20)
    name = next((n for n in found.names if "." not in n), "new_function")
    path = found.python
    example = f"extract lines {first}-{last} of {_quoted(path)} into a function `{name}`"
    return example, Extract(path, first, last, name)


def _inline(found: _Found) -> tuple[str, Request]:
    name = found.names[0] if found.names else "some_name"
    return f"inline `{name}`", Inline(name)


_TIDY_EXAMPLES = (
    ("unused|unneeded|dead|remove", "remove unused imports", Tidy(imports=True)),
    ("format|reformat|indent|lint", "format", Tidy(format=True)),
    ("moderni|syntax|pyupgrade|upgrade", "modernise", Tidy(modernise=True)),
    ("simplif", "simplify", Tidy(simplify=True)),
    ("sort|order|organi", "sort imports", Tidy(sort=True)),
    ("import|clean|tidy", "clean up the imports", Tidy(imports=True, sort=True)),
)


def _tidy(found: _Found) -> tuple[str, Request]:
    for signs, words, tidy in _TIDY_EXAMPLES:
        if any(word.startswith(sign) for word in found.words for sign in signs.split("|")):
            return _tidy_in(words, tidy, found)
    return _tidy_in("remove unused imports", Tidy(imports=True), found)


def _tidy_in(words: str, tidy: Tidy, found: _Found) -> tuple[str, Request]:
    paths = tuple(p for p in found.paths if shapes.suffix(p) in ("", *shapes.PYTHON_SUFFIXES))
    if not paths:
        return f"{words} everywhere" if " " in words else f"{words} the code", tidy
    named = " and ".join(_quoted(path) for path in paths[:1])
    flags = {n: getattr(tidy, n) for n in ("imports", "sort", "modernise", "simplify", "format")}
    joint = " in " if "imports" in words else " "
    return f"{words}{joint}{named}", Tidy(paths[:1], **flags)


def _replace(found: _Found) -> tuple[str, Request]:
    pattern, rewrite = (*found.codes[:2], "print($A)", "log($A)")[:2]
    if len(found.codes) == 1:
        rewrite = "log($A)"
    language = next((x for p in found.paths if (x := shapes.language_of(p))), "python")
    language = next((shapes.LANGUAGES[w] for w in found.words if w in shapes.LANGUAGES), language)
    example = f"replace `{pattern}` with `{rewrite}` in {language}"
    return example, Replace(pattern, rewrite, language)


def _docstrings(found: _Found) -> tuple[str, Request]:
    return f"add docstring stubs to {_quoted(found.python)}", Docstrings(found.python)


def _tests(found: _Found) -> tuple[str, Request]:
    return f"generate test skeletons for {_quoted(found.python)}", TestSkeletons(found.python)


_EXAMPLES: dict[str, Callable[[_Found], tuple[str, Request]]] = {
    "rename": _rename,
    "move": _move,
    "extract": _extract,
    "inline": _inline,
    "tidy": _tidy,
    "replace": _replace,
    "docstrings": _docstrings,
    "tests": _tests,
}
