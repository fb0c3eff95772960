"""Whether the brackets of a text are closed: a second opinion where a grammar cannot be trusted.

Comments and strings are passed over by the signs of the language, without its grammar; what they
mean (a regular expression, text between tags) is not known here, so a text is only compared with
what it was before. Pure.
"""

from __future__ import annotations

import re

_LINE = r"//[^\n]*"
_BLOCK = r"/\*.*?(?:\*/|\Z)"
_DOUBLE = r'"(?:\\.|[^"\\\n])*"'
_SINGLE = r"'(?:\\.|[^'\\\n])*'"
_LETTER = r"'(?:\\[^\n]{1,10}?|[^'\\\n])'"  # one character: `'a` alone is a lifetime in Rust
_TRIPLE = r'"""(?:\\.|[^\\])*?(?:"""|\Z)'
_SKIPPED = r"\\."  # so that a quote with no partner is looked for once a line
_BRACKET = r"(?P<bracket>[()\[\]{}])"
_REGEX = (
    r"(?<=[(,=:\[!&|?{};+\n])[ \t]*/(?![/*])"
    r"(?:\\.|\[(?:\\.|[^\]\n\\]){0,80}\]|[^/\\\n\[]){1,200}/"
)
_C_LIKE = (_LINE, _BLOCK, _DOUBLE, _LETTER)
_RUST = (r'\bb?r(?P<hashes>#*)".*?(?:"(?P=hashes)|\Z)', r'"(?:\\.|[^"\\])*(?:"|\Z)')
_SIGNS: dict[str, tuple[str, ...]] = {
    "c": _C_LIKE,
    "cpp": (r'R"(?P<raw>[^()\s\\]{0,16})\(.*?(?:\)(?P=raw)"|\Z)', *_C_LIKE),
    "css": (_BLOCK, _DOUBLE, _SINGLE),
    "csharp": (r'\$*"""+.*?(?:"""+|\Z)', r'(?:\$@|@\$?)"(?:""|[^"])*(?:"|\Z)', *_C_LIKE),
    "go": (r"`[^`]*(?:`|\Z)", *_C_LIKE),
    "java": (_TRIPLE, *_C_LIKE),
    "javascript": (_LINE, _BLOCK, _REGEX, _DOUBLE, _SINGLE),
    "typescript": (_LINE, _BLOCK, _REGEX, _DOUBLE, _SINGLE),
    "tsx": (_LINE, _BLOCK, _REGEX, _DOUBLE, _SINGLE),
    "rust": (*_RUST, _LINE, _BLOCK, _LETTER),
    "kotlin": (_TRIPLE, *_C_LIKE),
    "scala": (_TRIPLE, *_C_LIKE),
    "swift": (_TRIPLE, _LINE, _BLOCK, _DOUBLE),
}
_TEMPLATES = ("javascript", "typescript", "tsx")
_INSIDE_TEMPLATE = re.compile(r"\\.|`|\$\{", re.DOTALL)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def is_closed(language: str, text: str) -> bool | None:
    """Whether each bracket has its partner. None where the signs of a language are not known."""
    if language not in _SIGNS:
        return None
    signs = _compiled(language)
    at, open_ones = 0, list[str]()
    while found := signs.search(text, at):
        at = found.end()
        sign = found["bracket"] or found[0]
        if sign == "`" or (sign == "}" and open_ones[-1:] == ["${"]):
            if sign == "}":
                open_ones.pop()
            at, more = _template(text, at)
            open_ones += more
        elif sign in ("(", "[", "{"):
            open_ones.append(sign)
        elif sign in _PAIRS and (not open_ones or open_ones.pop() != _PAIRS[sign]):
            return False
    return not open_ones


def _template(text: str, at: int) -> tuple[int, list[str]]:
    """Where the code after this part of a template begins, and what is open there."""
    while found := _INSIDE_TEMPLATE.search(text, at):
        at = found.end()
        if found[0] == "`":
            return at, []
        if found[0] == "${":
            return at, ["${"]
    return len(text), ["`"]


_KNOWN: dict[str, re.Pattern[str]] = {}


def _compiled(language: str) -> re.Pattern[str]:
    if language not in _KNOWN:
        template = ("`",) if language in _TEMPLATES else ()
        signs = "|".join((*_SIGNS[language], *template, _BRACKET, _SKIPPED))
        _KNOWN[language] = re.compile(signs, re.DOTALL)
    return _KNOWN[language]
