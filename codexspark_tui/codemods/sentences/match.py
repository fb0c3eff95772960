"""A small grammar language and its matcher. Nothing here knows English.

    rule   = item item | item item          alternatives; a rule goes on over indented lines
    WORDS                                   any phrase of that word class
    other                                   another rule
    "word"                                  that word
    [item item]   (item | item)   item*     optional, group, any number
    <key:slot>                              one token (or more) that `slots` accepts, kept as `key`
    {key=value}                             keeps a constant; matches nothing

All ways to read the whole text are given: whether they agree is the caller's question. The work
is bounded by a budget of steps; what is beyond it is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from codexspark_tui.codemods.sentences.tokens import Token, phrase

Captures: TypeAlias = tuple[tuple[str, object], ...]
Reading: TypeAlias = tuple[int, Captures]
Slot: TypeAlias = Callable[[Sequence[Token], int, str], Iterator[tuple[int, Captures]]]

_BUDGET = 60_000
_ITEM = r'\w+|"[^"]*"|<\w+:\w+>|\{[^}]*\}|[\[\]()|*]'


class _OutOfBudget(Exception):
    """The sentence has too many possible readings to look at all of them."""


@dataclass(frozen=True, slots=True)
class Node:
    """`kind`: words, rule, slot, constant, all, any, maybe or many."""

    kind: str
    name: str = ""
    key: str = ""
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Grammar:
    rules: Mapping[str, Node]
    words: Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]]
    slots: Mapping[str, Slot]

    def readings(self, rule: str, tokens: Sequence[Token]) -> list[Captures]:
        """Every way in which `rule` covers all the tokens; empty when there are too many."""
        walk = _Walk(self, tokens)
        try:
            ends = list(walk.node(self.rules[rule], 0, ()))
        except _OutOfBudget:
            return []
        return [got for end, got in ends if end == len(tokens)]


def compile_grammar(text: str, words: Mapping[str, str], slots: Mapping[str, Slot]) -> Grammar:
    """Reads the rules and the word classes ("a|b c"); KeyError for a name that is not defined."""
    rules: dict[str, Node] = {}
    for block in re.split(r"\n(?=\w)", text.strip()):
        name, _, body = block.partition("=")
        rules[name.strip()] = _RuleReader(body, words, slots).whole()
    for node in rules.values():
        _check(node, rules)
    return Grammar(rules, {k: _phrases(v) for k, v in words.items()}, slots)


def _check(node: Node, rules: Mapping[str, Node]) -> None:
    if node.kind == "rule" and node.name not in rules:
        raise KeyError(node.name)
    for part in node.parts:
        _check(part, rules)


def _phrases(text: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Phrases by their first word."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for part in text.split("|"):
        words = phrase(part)
        found[words[0]] = (*found.get(words[0], ()), words)
    return found


class _RuleReader:
    def __init__(self, body: str, words: Mapping[str, str], slots: Mapping[str, Slot]) -> None:
        self.items = re.findall(_ITEM, body)
        self.at = 0
        self.words = words
        self.slots = slots

    def whole(self) -> Node:
        node = self._alternatives()
        if self.at != len(self.items):
            raise KeyError(self.items[self.at])
        return node

    def _alternatives(self) -> Node:
        options = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Node("any", parts=tuple(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", "]", ")"):
            node = self._item()
            if self._peek() == "*":
                self.at += 1
                node = Node("many", parts=(node,))
            parts.append(node)
        return parts[0] if len(parts) == 1 else Node("all", parts=tuple(parts))

    def _item(self) -> Node:
        item = self.items[self.at]
        self.at += 1
        if item in "[(":
            inner = self._alternatives()
            self.at += 1
            return inner if item == "(" else Node("maybe", parts=(inner,))
        if item[0] == "<":
            key, _, slot = item[1:-1].partition(":")
            self.slots[slot]
            return Node("slot", name=slot, key=key)
        if item[0] == "{":
            key, _, value = item[1:-1].partition("=")
            return Node("constant", name=value, key=key)
        if item[0] == '"':
            return Node("word", name=item[1:-1])
        if item.isupper():
            self.words[item]
            return Node("words", name=item)
        return Node("rule", name=item)

    def _peek(self) -> str:
        return self.items[self.at] if self.at < len(self.items) else ""


class _Walk:
    """One matching of one text."""

    def __init__(self, grammar: Grammar, tokens: Sequence[Token]) -> None:
        self.grammar = grammar
        self.tokens = tokens
        self.lowers = tuple(t.lower for t in tokens)
        self.steps = 0

    def node(self, node: Node, at: int, got: Captures) -> Iterator[Reading]:
        self.steps += 1
        if self.steps > _BUDGET:
            raise _OutOfBudget
        match node.kind:
            case "word":
                if at < len(self.lowers) and self.lowers[at] == node.name:
                    yield at + 1, got
            case "words":
                yield from self._words(node.name, at, got)
            case "slot":
                for end, new in self.grammar.slots[node.name](self.tokens, at, node.key):
                    yield end, got + new
            case "rule":
                yield from self.node(self.grammar.rules[node.name], at, got)
            case "constant":
                yield at, (*got, (node.key, node.name))
            case _:
                yield from self._group(node, at, got)

    def _group(self, node: Node, at: int, got: Captures) -> Iterator[Reading]:
        match node.kind:
            case "any":
                for part in node.parts:
                    yield from self.node(part, at, got)
            case "maybe":
                yield from self.node(node.parts[0], at, got)
                yield at, got
            case "many":
                yield at, got
                for end, more in self.node(node.parts[0], at, got):
                    if end > at:
                        yield from self._group(node, end, more)
            case _:
                yield from self._sequence(node.parts, at, got)

    def _sequence(self, parts: tuple[Node, ...], at: int, got: Captures) -> Iterator[Reading]:
        if not parts:
            yield at, got
            return
        for end, more in self.node(parts[0], at, got):
            yield from self._sequence(parts[1:], end, more)

    def _words(self, name: str, at: int, got: Captures) -> Iterator[Reading]:
        if at >= len(self.lowers):
            return
        for phrase in self.grammar.words[name].get(self.lowers[at], ()):
            if self.lowers[at : at + len(phrase)] == phrase:
                yield at + len(phrase), got
