"""Putting one Python expression in the place of another so that it keeps its meaning."""

from __future__ import annotations

import ast
from collections.abc import Iterator

LOOSENESS: dict[type[ast.AST], int] = {
    **dict.fromkeys((ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Lambda), 7),
    ast.IfExp: 6,
    ast.BoolOp: 5,
    ast.Compare: 4,
    ast.BinOp: 3,
    ast.UnaryOp: 2,
    ast.Await: 1,
}
_LOOSE_PARENTS = (
    *(ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Await, ast.Starred),
    *(ast.Attribute, ast.FormattedValue, ast.comprehension, ast.NamedExpr),
)


def looseness(text: str) -> int:
    """How easily operators around the Python expression `text` would tear it apart; 0: never."""
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return 0
    is_not = isinstance(body, ast.UnaryOp) and isinstance(body.op, ast.Not)
    is_tuple = isinstance(body, ast.Tuple | ast.GeneratorExp) and not text.strip().startswith("(")
    return 8 if is_tuple else 5 if is_not else LOOSENESS.get(type(body), 0)


def parents_of(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def fitted(text: str, node: ast.expr, parent: ast.AST) -> str:
    """`text`, an expression, as it must be written in the place of `node` below `parent`."""
    is_called = isinstance(parent, ast.Call | ast.Subscript) and node in {
        getattr(parent, "func", None),
        getattr(parent, "value", None),
    }
    is_number = text.strip().replace("_", "").isdigit() and isinstance(parent, ast.Attribute)
    needs = looseness(text) and (is_called or isinstance(parent, _LOOSE_PARENTS))
    if needs or is_number or looseness(text) == 8 or (looseness(text) == 7 and not is_called):
        return f"({text})"
    if "\n" in text and text.strip()[:1] not in {"(", "[", "{"}:
        return f"({text})"
    return text


def has_effects(node: ast.AST) -> bool:
    """Whether evaluating `node` once more, or later, may do something or give something else."""
    doing = (
        *(ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr),
        *(ast.List, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    )
    return any(isinstance(inner, doing) for inner in ast.walk(node))


def names_in(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
