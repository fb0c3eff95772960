"""The whole head of a definition, for those who compare what it was with what it is. No display.

Comments and annotations are no part of it: neither changes how the definition is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

LONGEST_HEAD = 20_000  # bytes
MOST_NODES = 3_000
_SPACE = re.compile(r"\s+")
_LEFT_OUT = frozenset({
    "comment", "line_comment", "block_comment", "multiline_comment", "attribute_list",
    "attribute_item", "annotation", "marker_annotation", "decorator", "raw_string_literal",
})  # fmt: skip
_CALLED = frozenset(("function", "method", "constructor", "declaration"))


def head_of(node: Node, kind: str, data: bytes) -> str:
    """The definition up to its body, on one line; of what has no body, and is not called, the
    first line."""
    accessors = node.child_by_field_name("accessors")
    if accessors is not None:
        return _property(node, accessors, data)
    body = _body(node)
    start, end = node.start_byte, body.start_byte if body is not None else node.end_byte
    left_out = list(_left_out(node, end))
    for first, last in left_out:
        start = last if first <= start else start
    head = bytearray(data[start : min(end, start + LONGEST_HEAD)])
    for first, last in left_out:
        if first >= start:
            head[first - start : last - start] = b" " * len(head[first - start : last - start])
    if body is None and kind not in _CALLED:
        head = bytearray(bytes(head).lstrip().partition(b"\n")[0])
    return _SPACE.sub(" ", head.decode("utf-8", "replace")).strip().rstrip("{:=").rstrip()


def _property(node: Node, accessors: Node, data: bytes) -> str:
    """A property with what can be done with it: `public int Size { get; private set; }`."""
    said = [head_of(one, "", data).rstrip("; ") for one in accessors.named_children]
    before = data[node.start_byte : accessors.start_byte].decode("utf-8", "replace")
    return _SPACE.sub(" ", f"{before} {{ {'; '.join(one for one in said if one)}; }}")


def _body(node: Node) -> Node | None:
    """Of the definition, or of the function that is the value of a name."""
    body = node.child_by_field_name("body")
    inner = node
    while body is None:
        value = inner.child_by_field_name("value") or inner.child_by_field_name("right")
        if value is None:
            value = next((c for c in inner.children if c.type == "variable_declarator"), None)
        if value is None:
            return None
        inner, body = value, value.child_by_field_name("body")
    return body


def _left_out(node: Node, end: int) -> Iterator[tuple[int, int]]:
    """Ranges of bytes before `end`, in their order."""
    todo, seen = [node], 0
    while todo and seen < MOST_NODES:
        one = todo.pop()
        seen += 1
        if one.start_byte >= end:
            continue
        if one.type in _LEFT_OUT:
            yield one.start_byte, one.end_byte
        else:
            todo += reversed(one.children)
