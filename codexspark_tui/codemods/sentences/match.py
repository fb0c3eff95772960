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


# How a node can begin: whether it may match nothing, and its first words (None: any token).
Start: TypeAlias = tuple[bool, frozenset[str] | None]
Phrases: TypeAlias = Mapping[str, tuple[tuple[str, ...], ...]]


class Grammar:
    """Rules, words and slots; what a node can begin with is worked out when it is first met."""

    def __init__(
        self, rules: Mapping[str, Node], words: Mapping[str, Phrases], slots: Mapping[str, Slot]
    ) -> None:
        self.rules = rules
        self.words = words
        self.slots = slots
        self.starts: dict[int, Start] = {}

    def start(self, node: Node) -> Start:
        found = self.starts.get(id(node))
        if found is None:
            found = self.starts[id(node)] = self._start(node)
        return found

    def _start(self, node: Node) -> Start:
        match node.kind:
            case "word":
                return False, frozenset({node.name})
            case "words":
                return False, frozenset(self.words[node.name])
            case "slot":
                return False, None
            case "constant":
                return True, frozenset()
            case "rule":
                return self.start(self.rules[node.name])
            case "any":
                starts = [self.start(part) for part in node.parts]
                return any(empty for empty, _ in starts), _union(starts)
            case "maybe" | "many":
                return True, self.start(node.parts[0])[1]
            case _:
                return self._sequence_start(node.parts)

    def _sequence_start(self, parts: Sequence[Node]) -> Start:
        starts: list[Start] = []
        for part in parts:
            starts.append(self.start(part))
            if not starts[-1][0]:
                return False, _union(starts)
        return True, _union(starts)

    def readings(
        self, rules: Sequence[str], tokens: Sequence[Token]
    ) -> list[tuple[str, list[Captures]]]:
        """For each rule every way in which it covers all the tokens; [] when there are too many."""
        walk = _Walk(self, tokens)
        found: list[tuple[str, list[Captures]]] = []
        try:
            for rule in rules:
                ends = walk.node(self.rules[rule], 0)
                found.append((rule, [got for end, got in ends if end == len(tokens)]))
        except _OutOfBudget:
            return []
        return found


def compile_grammar(text: str, words: Mapping[str, str], slots: Mapping[str, Slot]) -> Grammar:
    """Reads the rules and the word classes ("a|b c"); KeyError for a name that is not defined."""
    rules: dict[str, Node] = {}
    for block in re.split(r"\n(?=\w)", text.strip()):
        name, _, body = block.partition("=")
        rules[name.strip()] = _RuleReader(body, words, slots).whole()
    for node in rules.values():
        _check(node, rules)
    return Grammar(rules, {k: _phrases(v) for k, v in words.items()}, slots)


def _union(starts: Sequence[Start]) -> frozenset[str] | None:
    sets = [words for _, words in starts if words is not None]
    return frozenset().union(*sets) if len(sets) == len(starts) else None


def word_classes(text: str) -> dict[str, str]:
    """The classes of a table `NAME: phrase | phrase`, with indented lines and `#` lines."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    entries = re.split(r"\n(?=\w)", "\n".join(lines))
    return {name: body for name, _, body in (entry.partition(":") for entry in entries)}


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
    """One matching of one text. What a node gives at a position is found once and kept."""

    def __init__(self, grammar: Grammar, tokens: Sequence[Token]) -> None:
        self.grammar = grammar
        self.tokens = tokens
        self.lowers = tuple(t.lower for t in tokens)
        self.steps = 0
        self.known: dict[tuple[int, int], tuple[Reading, ...]] = {}

    def node(self, node: Node, at: int) -> tuple[Reading, ...]:
        """The ends that `node` can have from `at`, each with what it captured on the way."""
        empty, first = self.grammar.start(node)
        if not empty and (
            at >= len(self.lowers) or (first is not None and self.lowers[at] not in first)
        ):
            return ()
        key = (id(node), at)
        found = self.known.get(key)
        if found is None:
            found = tuple(dict.fromkeys(self._read(node, at)))
            self.steps += 1 + len(found)
            if self.steps > _BUDGET:
                raise _OutOfBudget
            self.known[key] = found
        return found

    def _read(self, node: Node, at: int) -> Iterator[Reading]:
        match node.kind:
            case "word":
                if at < len(self.lowers) and self.lowers[at] == node.name:
                    yield at + 1, ()
            case "words":
                yield from self._words(node.name, at)
            case "slot":
                yield from self.grammar.slots[node.name](self.tokens, at, node.key)
            case "rule":
                yield from self.node(self.grammar.rules[node.name], at)
            case "constant":
                yield at, ((node.key, node.name),)
            case "any":
                for part in node.parts:
                    yield from self.node(part, at)
            case "maybe":
                yield from self.node(node.parts[0], at)
                yield at, ()
            case "many":
                yield from self._many(node.parts[0], at)
            case _:
                yield from self._sequence(node.parts, at)

    def _many(self, part: Node, at: int) -> Iterator[Reading]:
        open_: list[Reading] = [(at, ())]
        while open_:
            end, got = open_.pop()
            yield end, got
            self._count(1)
            open_.extend((e, got + g) for e, g in self.node(part, end) if e > end)

    def _sequence(self, parts: tuple[Node, ...], at: int) -> Iterator[Reading]:
        ends: list[Reading] = [(at, ())]
        for part in parts:
            ends = [(e, got + g) for end, got in ends for e, g in self.node(part, end)]
            self._count(len(ends))
            if not ends:
                return
        yield from ends

    def _count(self, steps: int) -> None:
        self.steps += steps
        if self.steps > _BUDGET:
            raise _OutOfBudget

    def _words(self, name: str, at: int) -> Iterator[Reading]:
        if at >= len(self.lowers):
            return
        for words in self.grammar.words[name].get(self.lowers[at], ()):
            if self.lowers[at : at + len(words)] == words:
                yield at + len(words), ()
