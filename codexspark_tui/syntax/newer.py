"""A text put into a form that a grammar reads, where languages are ahead of their grammars. Pure.

    readings(language, text)  → the text, and what else it may be read as, the likeliest first;
                                each as texts that must all be read, most often one

True here: each text has the lines of the first at the same numbers. None is to be shown or run: it
only tells whether what a grammar cannot read is more than one of these forms.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

Rewrite = Callable[[str], str]


def readings(language: str, text: str) -> Iterator[tuple[str, ...]]:
    """`language` by its name. Each differs from those before it."""
    seen: set[tuple[str, ...]] = {(text,)}
    yield (text,)
    for reading in _READINGS.get(language, ()):
        other = tuple(read(text) for read in reading)
        if other not in seen:
            seen.add(other)
            yield other


def _swapped(*rules: tuple[str, str]) -> Rewrite:
    """Each rule in turn: a pattern, and what stands in its place."""
    compiled = [(re.compile(pattern, re.MULTILINE), to) for pattern, to in rules]

    def read(text: str) -> str:
        for pattern, to in compiled:
            text = pattern.sub(functools.partial(_in_its_lines, to), text)
        return text

    return read


def _in_its_lines(to: str, found: re.Match[str]) -> str:
    """What stands in its place, with as many ends of lines as it had."""
    put = found.expand(to)
    return put + "\n" * (found[0].count("\n") - put.count("\n"))


# -- Python: what 3.12 to 3.15 brought, for a reader that is older ---------------------------------

_PYTHON = _swapped(
    (r"(?<![\w'\"])([rR]?)[tT]([rR]?)(?=['\"])", r"\1\2"),  # t"…"
    (r"^([ \t]*)lazy(\s+(?:import|from)\s)", r"\1\2"),
    (
        r"^([ \t]*(?:async\s+)?def\s+\w+)\s*\[[^\n()=:]{0,200}(?:[:=][^\n()]{0,200})?\](?=\s*\()",
        r"\1",
    ),
    (r"^([ \t]*class\s+\w+)\s*\[[^\n]{0,300}?\](?=\s*[:(])", r"\1"),
    (r"^([ \t]*)type\s+(\w+)\s*(?:\[[^\n]{0,300}?\])?(\s*=(?!=))", r"\1\2\3"),
    (r"^([ \t]*except\*?\s+)([\w.]+(?:\s*,\s*[\w.]+)+)(\s*:)", r"\1(\2)\3"),
)

# -- TypeScript ------------------------------------------------------------------------------------

_TYPESCRIPT = _swapped(
    (
        r"((?:[<,]|\*/)\s*)(?:const\s+)?(?:in\s+out|in|out)(?=\s+(?!as\b|satisfies\b)[A-Za-z_$])",
        r"\1",
    ),
    (r"^([ \t]*)(?:in\s+out|in|out)(?=\s+\w+\s*(?:extends\b|[,=>]|$))", r"\1"),
    (r"\bexport\s+type(?=\s*\*)", "export"),
    (r"\bimport\s+(?:defer|source)(?=\s+[*\w])", "import"),
    (r"\bstatic\s+accessor(?=\s+[\w#$\[])", "static"),
    (r"\bfor\s*\(\s*await\s+using\b", "for (const"),
    (r"(\w)<[^<>`;]{0,300}(?:<[^<>`;]{0,300}>[^<>`;]{0,300})?>(?=`)", r"\1"),  # f<T>`…`
)
_ENDS_A_TYPE = re.compile(r"(?:[\w\])}\"'`]|(?<!=)>)$")


def _typescript(text: str) -> str:
    """With signatures of calls, one under the other, that nothing parts: `(x: A) => B` `<C>(…)`."""
    lines, last = _TYPESCRIPT(text).split("\n"), -1
    for number, line in enumerate(lines):
        code = line.strip()
        if code.startswith("<") and last >= 0 and _ENDS_A_TYPE.search(lines[last].rstrip()):
            lines[last] = f"{lines[last].rstrip()};"
        if code and not code.startswith(("//", "/*", "*")):
            last = number
    return "\n".join(lines)


# -- what has a preprocessor -----------------------------------------------------------------------

_DIRECTIVE = re.compile(r"^\s*#\s*(\w+)")


def _branch(text: str, first: bool) -> str:
    """Without directives, and of each choice only the first part or only the last one."""
    lines, kept = text.split("\n"), list[bool]()
    choices, at = _choices(lines), 0
    for number, line in enumerate(lines):
        found = _DIRECTIVE.match(line)
        word = found[1] if found else ""
        if word in ("if", "ifdef", "ifndef"):
            kept.append(first or choices[at] == 1)
            at += 1
        elif word in ("elif", "else") and kept:
            kept[-1] = not first and word == "else"
        elif word == "endif" and kept:
            kept.pop()
        if found or not all(kept):
            lines[number] = ""
    return "\n".join(lines)


def _choices(lines: list[str]) -> list[int]:
    """How many parts each choice has, in the order in which they begin."""
    parts, open_ones = list[int](), list[int]()
    for line in lines:
        found = _DIRECTIVE.match(line)
        if found and found[1] in ("if", "ifdef", "ifndef"):
            open_ones.append(len(parts))
            parts.append(1)
        elif found and found[1] in ("elif", "else") and open_ones:
            parts[open_ones[-1]] += 1
        elif found and found[1] == "endif" and open_ones:
            open_ones.pop()
    return parts


_CSHARP = _swapped(
    (r"(\btypeof\s*\(\s*[\w.]+)<[\s,]*>", r"\1"),
    (r"\*\(\(\s*[\w.]+\s*\*+\s*\)\s*(\w+)\)", r"\1"),
    (r"\*\(\s*[\w.]+\s*\*+\s*\)", ""),
    (r"\(\s*([\w.]+)\s*\*+\s*\)(?=[\w(])", r"(\1)"),
    (r"^([ \t]*)\*(?=\()", r"\1"),
    (r"\?\.(?=\s*\w[\w.]*\s*[-+*/|&^%]?=[^=>])", "."),
    (r"^([ \t]*)extension\s*(?:<[^>\n]*>)?\s*\([^)\n]*\)", r"\1class Extended"),
)
_RUST = _swapped(
    (r"\btry!(?=\s*[(\[{])", "tried!"),
    (r"\btry::", "tried::"),
    (r"\bsafe(?=\s+(?:fn|static)\b)", ""),
    (r"(?:~const|\[const\])(?=\s+\w)", ""),
    (r"\b(impl|dyn|\+|:)\s+async(?=\s+Fn)", r"\1"),
    (r"\b(?:gen|async\s+gen)(?=\s+(?:move\s*)?\{)", "async"),
)
_JAVA = _swapped(
    (r"^([ \t]*import\s+)module(?=\s+\w)", r"\1"),
    (r"(^[ \t]*|[;{}]\s*)(?:super|this)(?=\s*\()", r"\1made"),
)
_KOTLIN = _swapped(
    (r"^([ \t]*)context\s*\([^()\n]*\)", r"\1"),
    (r"^([ \t]*(?:!?is\s+|!?in\s+)?[\w.<>?\"]+)\s+if\s[^\n]*?(?=[ \t]{0,4}->)", r"\1"),
)
_JAVASCRIPT = _swapped(
    (r"\bimport\s+(?:defer|source)(?=\s+[*\w])", "import"),
)


def _parted(text: str) -> str:
    """With a line that begins with a list, after one that ends a statement, parted from it."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        before = lines[number - 1].strip() if number else ""
        if line.lstrip().startswith("[") and before in ("", "}"):
            lines[number] = f";{line}"
    return "\n".join(lines)


def _branches(then: Rewrite) -> tuple[Rewrite, ...]:
    return (lambda text: then(_branch(text, True)), lambda text: then(_branch(text, False)))


_READINGS: dict[str, tuple[tuple[Rewrite, ...], ...]] = {
    "python": ((_PYTHON,),),
    "typescript": ((_typescript,),),
    "tsx": ((_typescript,),),
    "javascript": ((_JAVASCRIPT,), (_parted,)),
    "csharp": ((_CSHARP,), _branches(_CSHARP)),
    "c": (_branches(str),),
    "cpp": (_branches(str),),
    "rust": ((_RUST,),),
    "java": ((_JAVA,),),
    "kotlin": ((_KOTLIN,),),
}
