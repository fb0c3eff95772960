"""The one module that knows tree-sitter: a grammar is loaded when a text needs it, and kept.

True here: a match is turned into our own values at once, so no node outlives its tree; a parse
that takes too long of its thread's time is given up (`TookTooLong`).
"""

from __future__ import annotations

import functools
import importlib
import re
import time
from typing import TYPE_CHECKING, NamedTuple

from codexspark_tui.syntax.heads import head_of
from codexspark_tui.syntax.languages import Language
from codexspark_tui.syntax.model import Fault, Outline, Reference, Symbol
from codexspark_tui.syntax.queries import MEMBERS, QUERIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node, Parser, QueryCursor, Tree

LONGEST_SIGNATURE = 200
LONGEST_NAME = 120
LONGEST_FAULT = 60
MOST_SYMBOLS = 5_000
MOST_MATCHES = 20_000
DEEPEST = 60  # nodes above a definition; without a limit a query takes minutes on nested brackets
LONGEST_PARSE_S = 2.0  # of the thread's own time
MOST_IN_A_FAULT = 8_000  # pieces
MOST_FAULTS_SEEN = 2_000
_CHUNK_BYTES = 1 << 16
_RECEIVER = re.compile(r"(\w+)\s*(?:\[[^\]]*\])?\s*\)$")
_SPACE = re.compile(r"\s+")
_HEAD_OF_NAME = re.compile(r"[^\s({<:]+")
_NAMED_BY_HEAD = frozenset(("signature", "call_expression", "type_head", "generic_type"))
_OWNERS = frozenset(
    ("class", "interface", "struct", "trait", "enum", "impl", "module", "method", "function")
)
_VAGUE = frozenset(("variable", "type"))  # gives way to a kind that says more
_METHODS_OF = frozenset(("class", "interface", "struct", "trait", "enum", "impl"))
_IDENTIFIER = re.compile(r"(?:^|_)(?:identifier|name|word|variable_name)$")
_CALLS = frozenset(
    [
        "call",
        "call_expression",
        "method_invocation",
        "invocation_expression",
        "function_call_expression",
        "command",
        "function_call",
        "member_call_expression",
        "macro_invocation",
        "new_expression",
        "object_creation_expression",
    ]
)
_ENDED = frozenset(("return_statement", "break_statement", "continue_statement", "goto_statement"))
_ENDS = re.compile(rb"[ \t\r]*(?:\n|\}|/[/*]|\Z)")
_PLAIN = frozenset(
    [
        ("declaration", "identifier", "primitive_type"),
        ("declaration", "identifier", "sized_type_specifier"),
        ("declaration", ";", "init_declarator"),
        ("expression_statement", ";", "assignment_expression"),
        ("expression_statement", ";", "update_expression"),
        ("do_statement", ";", "parenthesized_expression"),
    ]
)


class _Row(NamedTuple):
    """A definition before it knows what it stands in; `owner` where its own name says that."""

    start: int
    end: int
    line: int
    end_line: int
    kind: str
    name: str
    signature: str
    owner: str


class TookTooLong(Exception):
    """A parse was given up. Never leaves this room."""


@functools.cache
def _loaded(language: Language, members: bool = False) -> tuple[Parser, QueryCursor] | None:
    """Its parser and query; None where the wheel is not installed or does not fit."""
    try:
        import tree_sitter

        entry = getattr(importlib.import_module(language.module), language.entry)
        grammar = tree_sitter.Language(entry())
    except (ImportError, AttributeError, ValueError):
        return None
    name = language.query or language.name
    wanted = QUERIES[name] + (MEMBERS.get(name, "") if members else "")
    query = tree_sitter.Query(grammar, wanted)
    cursor = tree_sitter.QueryCursor(query, match_limit=MOST_MATCHES)
    cursor.set_max_start_depth(DEEPEST)
    return tree_sitter.Parser(grammar), cursor


def _parsed(parser: Parser, data: bytes, within_s: float) -> Tree:
    """Its tree. Raises `TookTooLong`."""
    is_late = _deadline(within_s)
    try:
        return parser.parse(
            lambda at, _: data[at : at + _CHUNK_BYTES],
            progress_callback=lambda _at, _has_error: is_late(),
        )
    except ValueError as error:  # what it raises for a parse that was stopped
        parser.reset()
        raise TookTooLong from error


def _matches(cursor: QueryCursor, root: Node) -> list[tuple[int, dict[str, list[Node]]]]:
    """What the query finds. Raises `TookTooLong` for a text that is none of this language: with
    thousands of pieces in one faulty place a query takes the square of their number, and it cannot
    be stopped (its own way to be stopped crashes)."""
    if root.has_error and _is_hopeless(root):
        raise TookTooLong
    return cursor.matches(root)


def _is_hopeless(root: Node) -> bool:
    todo, seen = [root], 0
    while todo and seen < MOST_FAULTS_SEEN:
        node = todo.pop()
        seen += 1
        if node.is_error and node.child_count > MOST_IN_A_FAULT:
            return True
        todo += [child for child in node.children if child.has_error and child.child_count]
    return False


def _deadline(within_s: float) -> Callable[[], bool]:
    """Tells when so much of the thread's own time is over. The other clock is quicker to read."""
    end, clock = time.thread_time() + within_s, time.monotonic() + within_s
    return lambda: time.monotonic() > clock and time.thread_time() > end


def outline(
    language: Language, data: bytes, within_s: float = LONGEST_PARSE_S, *, heads: bool = False
) -> Outline | None:
    """What `data` (UTF-8) defines; None where the grammar cannot be had.

    `heads`: with members of types, and signatures are whole, to be compared, not to be shown.
    """
    loaded = _loaded(language, heads)
    if loaded is None:
        return None
    parser, cursor = loaded
    root = _parsed(parser, data, within_s).root_node
    rows: dict[tuple[int, str], _Row] = {}
    for _, captures in _matches(cursor, root)[:MOST_SYMBOLS]:
        kind = next(k for k in captures if k != "name" and not k.startswith("_"))
        node, named = captures[kind][0], captures["name"][0]
        name = _name(named, data)
        key = (named.start_byte, name)
        if name and (key not in rows or (rows[key].kind in _VAGUE and kind not in _VAGUE)):
            row = _row(node, named, kind, name, data)
            rows[key] = row._replace(signature=head_of(node, kind, data)) if heads else row
    owners = _OWNERS | {"property"} if heads else _OWNERS  # what its type holds is its own
    symbols = _nested(sorted(rows.values(), key=lambda row: (row.start, -row.end)), owners)
    return Outline(language.name, "tree-sitter", tuple(symbols), root.has_error)


def faults(language: Language, data: bytes, most: int) -> list[Fault] | None:
    """The first places that the grammar could not parse; None where there is no grammar."""
    loaded = _loaded(language)
    if loaded is None:
        return None
    cursor = _parsed(loaded[0], data, LONGEST_PARSE_S).root_node.walk()
    found: list[Fault] = []
    while len(found) < most:
        node = cursor.node
        if node is not None and (node.is_error or node.is_missing):
            found.append(_fault(node, data))
        elif node is not None and node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found
    return found


def comments(language: Language, data: bytes) -> list[tuple[int, int]] | None:
    """Where comments are, as ranges of bytes; None where there is no grammar."""
    loaded = _loaded(language)
    if loaded is None:
        return None
    cursor = _parsed(loaded[0], data, LONGEST_PARSE_S).root_node.walk()
    found: list[tuple[int, int]] = []
    while True:
        node = cursor.node
        is_comment = node is not None and ("comment" in node.type or node.type == "marginalia")
        if node is not None and is_comment:
            found.append((node.start_byte, node.end_byte))
        elif cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found


def _fault(node: Node, data: bytes) -> Fault:
    line = node.start_point[0] + 1
    if node.is_missing:
        return Fault(line, f"{node.type.lstrip('_')} is missing", _is_plain(node, data))
    text = data[node.start_byte : node.start_byte + 4 * LONGEST_FAULT].partition(b"\n")[0]
    shown = _SPACE.sub(" ", text.decode("utf-8", "replace")).strip()[:LONGEST_FAULT]
    return Fault(line, f"unexpected {shown!r}" if shown else "unexpected end")


def _is_plain(missing: Node, data: bytes) -> bool:
    """Whether a piece is missing where no macro of C can stand for it."""
    around, before = missing.parent, missing.prev_sibling
    if around is not None and around.type == "init_declarator" and before is None:
        before, around = around.prev_sibling, around.parent
    while before is not None and before.type == "comment":
        before = before.prev_sibling
    if around is None or before is None:
        return False
    if missing.type == ";" and not _ENDS.match(data, before.end_byte):
        return False  # `return a MACRO b;`
    return around.type in _ENDED or (around.type, missing.type, before.type) in _PLAIN


def _row(node: Node, named: Node, kind: str, name: str, data: bytes) -> _Row:
    if node.type == "variable_declarator" and node.parent is not None:
        node = node.parent
    start = _with_decorators(node)
    first, (last, column) = start.start_point[0], node.end_point
    last -= column == 0 and last > first
    signature, owner = _signature(node, data), _owner(node, named, data)
    return _Row(start.start_byte, node.end_byte, first + 1, last + 1, kind, name, signature, owner)


def _owner(node: Node, named: Node, data: bytes) -> str:
    """The type that a method names itself: `Box::open` in C++, `func (b *Box) Open` in Go."""
    above = named.parent
    if above is not None and above.type == "qualified_identifier":
        scopes = []
        while above is not None and above.type == "qualified_identifier":
            scope = above.child_by_field_name("scope")
            scopes.append(_name(scope, data) if scope is not None else "")
            above = above.parent
        return ".".join(part for part in reversed(scopes) if part)
    receiver = node.child_by_field_name("receiver")
    if node.type != "method_declaration" or receiver is None:
        return ""
    text = data[receiver.start_byte : receiver.end_byte].decode("utf-8", "replace")
    found = _RECEIVER.search(text)
    return found[1] if found else ""


def _with_decorators(node: Node) -> Node:
    """The statement that the definition is part of, where that adds decorators or `export`."""
    parent = node.parent
    if parent is not None and parent.type in ("decorated_definition", "export_statement"):
        return parent
    return node


def _name(node: Node, data: bytes) -> str:
    end = min(node.end_byte, node.start_byte + 400)
    text = data[node.start_byte : end].decode("utf-8", "replace")
    if node.type in _NAMED_BY_HEAD:
        head = _HEAD_OF_NAME.match(text)
        text = head.group() if head else ""
    return _SPACE.sub(" ", text).strip()[:LONGEST_NAME]


def _signature(node: Node, data: bytes) -> str:
    """The definition up to its body, or its first line, on one line."""
    body = node.child_by_field_name("body")
    end = body.start_byte if body is not None else node.end_byte
    head = data[node.start_byte : min(end, node.start_byte + 4 * LONGEST_SIGNATURE)]
    if body is None:
        head = head.partition(b"\n")[0]
    text = _SPACE.sub(" ", head.decode("utf-8", "replace")).strip().rstrip("{:=").rstrip()
    return text if len(text) <= LONGEST_SIGNATURE else text[: LONGEST_SIGNATURE - 1] + "…"


def _nested(rows: list[_Row], owners: frozenset[str]) -> list[Symbol]:
    """Rows in the order of their starts, as symbols that know what they stand in."""
    open_: list[tuple[int, str, str]] = []  # end, kind, dotted name
    symbols = []
    for row in rows:
        while open_ and open_[-1][0] <= row.start:
            open_.pop()
        around = open_[-1][2] if open_ else ""
        parent = ".".join(part for part in (around, row.owner) if part)
        is_method = row.kind == "function" and open_ and open_[-1][1] in _METHODS_OF
        kind = "method" if is_method else row.kind
        symbols.append(Symbol(row.name, kind, row.line, row.end_line, row.signature, parent))
        if kind in owners:
            open_.append((row.end, kind, symbols[-1].dotted))
    return symbols


def references(language: Language, data: bytes, wanted: str) -> list[Reference]:
    """Every identifier that is not the name of a definition, or those called `wanted`."""
    loaded = _loaded(language)
    if loaded is None:
        return []
    parser, query = loaded
    root = _parsed(parser, data, LONGEST_PARSE_S).root_node
    defined = {c["name"][0].start_byte for _, c in _matches(query, root) if "name" in c}
    found: list[Reference] = []
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is not None and node.child_count == 0 and node.is_named:
            reference = _reference(node, data, wanted, defined)
            if reference is not None:
                found.append(reference)
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found


def _reference(node: Node, data: bytes, wanted: str, defined: set[int]) -> Reference | None:
    if not _IDENTIFIER.search(node.type) or node.start_byte in defined:
        return None
    name = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
    if wanted and name != wanted:
        return None
    row, column = node.start_point
    before = data[node.start_byte - column : node.start_byte]
    return Reference(name, row + 1, len(before.decode("utf-8", "replace")), _kind(node))


def _kind(node: Node) -> str:
    """What the name stands for: decided by the two nodes above it."""
    if node.type == "type_identifier":
        return "type"
    parent = node.parent
    if parent is None:
        return "name"
    if parent.type in _CALLS:
        return "call" if _is_called(node, parent) else "name"
    if _is_member(node, parent):
        above = parent.parent
        called = above is not None and above.type in _CALLS and _is_called(parent, above)
        return "call" if called else "attribute"
    return "name"


def _is_called(node: Node, call: Node) -> bool:
    """Whether `node` is what the call calls: its named part, else its first."""
    for field in ("function", "name", "method", "macro", "constructor", "type"):
        target = call.child_by_field_name(field)
        if target is not None:
            return target.start_byte == node.start_byte and target.end_byte == node.end_byte
    return call.start_byte == node.start_byte


def _is_member(node: Node, parent: Node) -> bool:
    """Whether `node` is the part after the point."""
    for field in ("attribute", "property", "field", "name", "suffix"):
        part = parent.child_by_field_name(field)
        if part is not None and part.start_byte == node.start_byte:
            return parent.start_byte < node.start_byte
    return False
