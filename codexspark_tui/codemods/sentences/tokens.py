"""A sentence cut into tokens: words, quoted strings, code with its brackets, arrows, punctuation.

What is true here: time is linear in the length; nothing is interpreted except politeness and
articles, which are left out (`the` stays visible as a mark on the next token, because "the css"
is English where "css" may be a name). What a token may mean is decided in `slots`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MAX_CHARACTERS = 4000
MAX_TOKENS = 90

_QUOTES = {"`": "`", '"': '"', "'": "'", "“": "”", "‘": "’", "„": "“", "«": "»", "‹": "›"}
_ARROWS = ("-->", "==>", "->", "=>", "→", "⇒", "➜", "➔", "⟶", "↦")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_BRACKETS.values())
_SINGLE = frozenset(",;()")
_TRAILING = ".,;:!?"
_ARTICLES = frozenset({"the", "my", "our", "your"})
_FILLERS = frozenset({"please", "pls", "plz", "kindly", "just", "simply"})


@dataclass(frozen=True, slots=True)
class Token:
    """`text` without quotes; `lower` is what the grammar compares (empty for quoted text)."""

    text: str
    start: int
    end: int
    quoted: bool = False
    article: bool = False

    @property
    def lower(self) -> str:
        return "" if self.quoted else self.text.lower()

    @property
    def plain(self) -> bool:
        """A bare lower-case word, which may be English as well as a name."""
        return not self.quoted and self.text.isalpha() and self.text.islower()


def cut(sentence: str) -> tuple[Token, ...] | None:
    """The tokens that the grammar sees; None for what is too long or has control characters."""
    if len(sentence) > MAX_CHARACTERS:
        return None
    found = _Cutter(" ".join(sentence.split("\n"))).all()
    if len(found) > MAX_TOKENS or any(not t.text.isprintable() for t in found):
        return None
    return tuple(_without_articles(_trimmed(found)))


def phrase(text: str) -> tuple[str, ...]:
    """The words of a phrase of the grammar, cut as a sentence would be ("it's" is two)."""
    return tuple(text.replace("'s", " 's").split())


def _trimmed(found: list[Token]) -> list[Token]:
    kept: list[Token] = []
    for token in found:
        if token.lower in _FILLERS:
            if kept and kept[-1].lower == ",":
                kept.pop()
        elif token.lower != "," or not kept or kept[-1].lower != ",":
            kept.append(token)
    if len(found) > 1 and found[-1].lower == "." and found[-2].end < found[-1].start:
        return kept  # "format ." means this folder.
    while kept and kept[-1].lower and all(c in _TRAILING for c in kept[-1].lower):
        kept.pop()
    while kept and kept[0].lower == ",":
        kept.pop(0)
    return kept


def _without_articles(found: list[Token]) -> list[Token]:
    kept: list[Token] = []
    article = False
    for token in found:
        if token.lower in _ARTICLES:
            article = True
            continue
        kept.append(replace(token, article=True) if article else token)
        article = False
    return kept


class _Cutter:
    """One pass over the text; a bracket that is never closed switches bracket matching off."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.match_brackets = True
        self.dead_quotes: set[str] = set()

    def all(self) -> list[Token]:
        found: list[Token] = []
        while self.at < len(self.text) and len(found) <= MAX_TOKENS:
            if self.text[self.at].isspace():
                self.at += 1
                continue
            found.extend(self._next())
        return found

    def _next(self) -> list[Token]:
        text, at = self.text, self.at
        if text[at] in _QUOTES and (quoted := self._quoted()) is not None:
            return quoted
        for arrow in _ARROWS:
            if text.startswith(arrow, at):
                self.at += len(arrow)
                return [Token("->", at, self.at)]
        if text[at] in _SINGLE:
            self.at += 1
            return [Token(text[at], at, self.at)]
        return self._word()

    def _quoted(self) -> list[Token] | None:
        text, start = self.text, self.at
        mark = text[start]
        run = start
        while mark == "`" and run < len(text) and text[run] == "`":
            run += 1
        closing = mark * (run - start) if mark == "`" else _QUOTES[mark]
        if closing in self.dead_quotes:
            return None
        end = self._closing(closing, start + len(closing))
        if end < 0:
            self.dead_quotes.add(closing)
            return None
        value = text[start + len(closing) : end]
        self.at = end + len(closing)
        if not value.strip():
            return None
        value += self._suffix()
        return [Token(value.strip(), start, self.at, quoted=True), *self._possessive()]

    def _closing(self, closing: str, start: int) -> int:
        """Where the quote ends. An apostrophe inside a word ("don't") does not end one."""
        end = self.text.find(closing, start)
        while end >= 0 and closing in "'’" and self.text[end + 1 : end + 2].isalnum():
            end = self.text.find(closing, end + 1)
        return end

    def _suffix(self) -> str:
        """What belongs to a quoted name although it stands behind the quote: `()`, `:10-20`."""
        start = self.at
        if self.text.startswith("()", start):
            self.at += 2
        elif self.text.startswith(":", start) and self.text[start + 1 : start + 2].isdigit():
            self.at += 1
            while self.at < len(self.text) and self.text[self.at] in "0123456789-–":
                self.at += 1
        return self.text[start : self.at]

    def _possessive(self) -> list[Token]:
        if self.text.startswith(("'s", "’s"), self.at):
            self.at += 2
            return [Token("'s", self.at - 2, self.at)]
        return []

    def _word(self) -> list[Token]:
        start = self.at
        end = self._word_end(start)
        self.at = end
        body = end
        while body > start + 1 and self.text[body - 1] in _TRAILING:
            body -= 1
        word = self.text[start:body].replace("’", "'")
        tail = [Token(self.text[i], i, i + 1) for i in range(body, end)]
        if word.endswith("'s") and len(word) > 2:
            return [
                Token(word[:-2], start, body - 2),
                Token("'s", body - 2, body),
                *tail,
            ]
        return [Token(word, start, body), *tail]

    def _word_end(self, start: int) -> int:
        if self.match_brackets:
            end = self._balanced_end(start)
            if end >= 0:
                return end
            self.match_brackets = False
        return self._plain_end(start)

    def _plain_end(self, start: int) -> int:
        end = start + 1
        while end < len(self.text) and not self._stops(end):
            end += 1
        return end

    def _stops(self, at: int) -> bool:
        char = self.text[at]
        return char.isspace() or char in _SINGLE or self.text.startswith(_ARROWS, at)

    def _balanced_end(self, start: int) -> int:
        """The end of a word in which brackets are matched; -1 where one is never closed."""
        expected: list[str] = []
        at = start
        while at < len(self.text):
            char = self.text[at]
            if not expected and char not in _BRACKETS and at > start and self._stops(at):
                break
            if char in _BRACKETS:
                expected.append(_BRACKETS[char])
            elif char in _CLOSING and expected and expected.pop() != char:
                return -1
            at += 1
        return -1 if expected else at
