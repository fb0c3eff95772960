"""JavaScript without what only looks like code: texts of templates, comments, quoted calls. Pure.

    code_alone(text) → the text with the same lines; what stands in `${…}` is code and stays

Strings and regular expressions stay, too, unless a whole call stands in them. They are told by
their signs, and the text between tags is not known here: a backtick or "/*" whose partner does not
come is taken for such text, and hides nothing.
"""

from __future__ import annotations

import re

_SIGNS = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
    r"|(?:(?<=[(,=:\[!&|?{};+\n>])|(?<=return)|(?<=case)|(?<=typeof)|\A)[ \t]*/(?![/*])"
    r"(?:\\.|\[(?:\\.|[^\]\n\\]){0,200}\]|[^/\\\n\[]){1,400}/"
    r"|[`{}]|\\.",
    re.DOTALL,
)
_INSIDE = re.compile(r"\\.|`|\$\{", re.DOTALL)
_CALLING = re.compile(r"\b(?:require|import)\s*\(\s*\Z")
_CALL = re.compile(r"\b(?:require|import)\s*\(\s*['\"`][^'\"`]*['\"`]")
_FAR = 200
_SAID = re.compile(r"[^\n]+")


def code_alone(text: str) -> str:
    parts, kept = list[str](), 0
    for start, end in _texts(text):
        parts += [text[kept:start], _SAID.sub(" ", text[start:end])]
        kept = end
    return "".join(parts) + text[kept:]


def _texts(text: str) -> list[tuple[int, int]]:
    """What is no code; of templates without the signs around it."""
    found, at, braces = list[tuple[int, int]](), 0, list[str]()
    while sign := _SIGNS.search(text, at):
        at = sign.end()
        if sign[0] == "{":
            braces.append("{")
        elif sign[0] == "`" or (sign[0] == "}" and braces and braces.pop() == "${"):
            end = _end(text, at)
            if end is None:
                break
            if not (end[0] == sign[0] and _CALLING.search(text, max(at - _FAR, 0), at - 1)):
                found.append((at, end.start()))
            at = end.end()
            braces += ["${"] if end[0] == "${" else []
        elif sign["comment"] or _CALL.search(sign[0], 1):
            found.append(sign.span())
    return found


def _end(text: str, at: int) -> re.Match[str] | None:
    """Of this part of a template: where it ends, or code begins."""
    end = _INSIDE.search(text, at)
    while end and end[0][0] == "\\":
        end = _INSIDE.search(text, end.end())
    return end
