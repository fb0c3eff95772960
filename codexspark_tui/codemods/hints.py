"""The class of an expression by its type annotations, where rope does not look. Loads rope.

Follows parameters, variables, attributes, return annotations, `super()`, `with`, `for` and calls of
classes. No annotation, no answer: nothing is guessed from names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from rope.base import evaluate, pyobjects

from codexspark_tui.codemods.classes import bases
from codexspark_tui.codemods.rope_project import MemoryProject, RopeFailed
from codexspark_tui.codemods.uses import Function, Scope

_DEEPEST = 8
_WRAPPERS = frozenset(
    {"Optional", "Union", "Annotated", "Final", "ClassVar", "type", "Type", "Required", "ReadOnly"}
)
_MANY = frozenset(
    {
        *("list", "List", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "deque"),
        *("Sequence", "MutableSequence", "Iterable", "Iterator", "Collection", "AbstractSet"),
        *("Generator", "AsyncIterator", "AsyncIterable", "AsyncGenerator", "Deque"),
    }
)


@dataclass(frozen=True, slots=True)
class Hint:
    """An annotation, in the file whose names it uses; `owner` is what `Self` means in it."""

    node: ast.expr
    path: str
    owner: Any = None


Known: TypeAlias = "Hint | Any"


class Hints:
    """Answers for the files of one project; what was found is kept."""

    def __init__(self, project: MemoryProject) -> None:
        self._project = project
        self._kept: dict[tuple[str, int, str], list[Any]] = {}

    def classes(self, path: str, scope: Scope, node: ast.expr) -> list[Any]:
        """rope's class objects that the value of `node` may be an instance of; [] if unknown."""
        key = (path, id(scope), ast.dump(node))
        if key not in self._kept:
            self._kept[key] = []
            try:
                found = list(self._of(path, scope, node, 0))
            except RopeFailed:
                found = []
            self._kept[key] = [c for known in found for c in self._resolved(known, 0)]
        return self._kept[key]

    def _module(self, path: str) -> Any:
        return self._project.get_pymodule(self._project.get_resource(path))

    def _evaluated(self, path: str, node: ast.expr) -> Any:
        found = evaluate.eval_node(self._module(path).get_scope(), node)
        return None if found is None else found.get_object()

    def _of(self, path: str, scope: Scope, node: ast.expr, depth: int) -> Iterator[Known]:
        if depth > _DEEPEST:
            return
        match node:
            case ast.Name():
                yield from self._name(path, scope, node.id, depth + 1)
            case ast.Attribute():
                for known in list(self._of(path, scope, node.value, depth + 1)):
                    for pyclass in self._resolved(known, depth + 1):
                        yield from self._member(pyclass, node.attr, called=False, depth=depth)
            case ast.Call():
                yield from self._call(path, scope, node, depth + 1)
            case ast.Await() | ast.NamedExpr():
                yield from self._of(path, scope, node.value, depth + 1)
            case ast.IfExp():
                yield from self._of(path, scope, node.body, depth + 1)
                yield from self._of(path, scope, node.orelse, depth + 1)
            case ast.BoolOp():
                for value in node.values:
                    yield from self._of(path, scope, value, depth + 1)
            case ast.Subscript():
                for known in self._of(path, scope, node.value, depth + 1):
                    yield from _elements(known)

    def _call(self, path: str, scope: Scope, node: ast.Call, depth: int) -> Iterator[Known]:
        func = node.func
        if isinstance(func, ast.Name) and func.id == "super" and not node.args:
            pyclass = self._class_around(path, scope)
            yield from [] if pyclass is None else bases(pyclass)
            return
        called = self._evaluated(path, func)
        if isinstance(called, pyobjects.PyClass):
            yield called
        elif isinstance(called, pyobjects.PyFunction):
            yield from self._returned(called, None)
        elif isinstance(func, ast.Attribute):
            for known in list(self._of(path, scope, func.value, depth)):
                for pyclass in self._resolved(known, depth):
                    yield from self._member(pyclass, func.attr, called=True, depth=depth)

    def _returned(self, function: Any, owner: Any) -> Iterator[Hint]:
        returns = function.get_ast().returns
        if returns is not None:
            yield Hint(returns, function.get_module().get_resource().path, owner)

    def _member(self, pyclass: Any, name: str, *, called: bool, depth: int) -> Iterator[Known]:
        """What `instance.name` (or `instance.name()`) is, by the class and the classes above."""
        if depth > _DEEPEST or not isinstance(pyclass, pyobjects.PyClass):
            return
        path = pyclass.get_module().get_resource().path
        for node in pyclass.get_ast().body:
            if isinstance(node, Function) and node.name == name:
                is_value = any("property" in ast.unparse(d) for d in node.decorator_list)
                if node.returns is not None and (called or is_value):
                    yield Hint(node.returns, path, pyclass)
                return
            if isinstance(node, ast.AnnAssign) and not called and _is_name(node.target, name):
                yield Hint(node.annotation, path, pyclass)
                return
        if not called:
            found = list(self._assigned_to_self(pyclass, path, name, depth))
            yield from found
            if found:
                return
        for above in bases(pyclass):
            yield from self._member(above, name, called=called, depth=depth + 1)

    def _assigned_to_self(self, pyclass: Any, path: str, name: str, depth: int) -> Iterator[Known]:
        """`self.name: T = …` or `self.name = …` in a method."""
        for method in (n for n in pyclass.get_ast().body if isinstance(n, Function)):
            scope = Scope(Scope(None, is_class=True, node=pyclass.get_ast()), node=method)
            for node in ast.walk(method):
                if isinstance(node, ast.AnnAssign) and _is_own(node.target, name):
                    yield Hint(node.annotation, path, pyclass)
                    return
                if isinstance(node, ast.Assign) and any(_is_own(t, name) for t in node.targets):
                    found = list(self._of(path, scope, node.value, depth + 2))
                    yield from found
                    if found:
                        return

    def _name(self, path: str, scope: Scope | None, name: str, depth: int) -> Iterator[Known]:
        """What the variable `name` is, looked up from the innermost scope outwards."""
        while scope is not None:
            node = scope.node
            if isinstance(node, Function | ast.Lambda):
                found = list(self._local(path, scope, node, name, depth))
                if found or _binds(node, name):
                    yield from found
                    return
            elif node is None or isinstance(node, ast.Module):
                break
            scope = scope.parent
        tree = self._module(path).get_ast()
        yield from self._in_body(path, Scope(None), tree, name, depth)

    def _local(
        self, path: str, scope: Scope, node: Function | ast.Lambda, name: str, depth: int
    ) -> Iterator[Known]:
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        for number, argument in enumerate(arguments):
            if argument.arg == name:
                is_method = scope.parent is not None and scope.parent.is_class
                if argument.annotation is not None:
                    yield Hint(argument.annotation, path, self._class_around(path, scope))
                elif number == 0 and is_method and not _is_static(node):
                    pyclass = self._class_around(path, scope)
                    yield from [] if pyclass is None else [pyclass]
                return
        if isinstance(node, Function):
            yield from self._in_body(path, scope, node, name, depth)

    def _in_body(
        self, path: str, scope: Scope, body: ast.AST, name: str, depth: int
    ) -> Iterator[Known]:
        """Annotated or assigned in a body, nested functions and classes left out."""
        for node in _own_nodes(body):
            match node:
                case ast.AnnAssign() if _is_name(node.target, name):
                    yield Hint(node.annotation, path, self._class_around(path, scope))
                    return
                case ast.Assign() if any(_is_name(t, name) for t in node.targets):
                    yield from self._of(path, scope, node.value, depth + 1)
                case ast.NamedExpr() if _is_name(node.target, name):
                    yield from self._of(path, scope, node.value, depth + 1)
                case ast.For() | ast.AsyncFor() | ast.comprehension():
                    if _is_name(node.target, name):
                        for known in self._of(path, scope, node.iter, depth + 1):
                            yield from _elements(known)
                case ast.withitem() if node.optional_vars and _is_name(node.optional_vars, name):
                    yield from self._entered(path, scope, node.context_expr, depth)

    def _entered(self, path: str, scope: Scope, node: ast.expr, depth: int) -> Iterator[Known]:
        for known in list(self._of(path, scope, node, depth + 1)):
            for pyclass in self._resolved(known, depth + 1):
                for enter in ("__enter__", "__aenter__"):
                    yield from self._member(pyclass, enter, called=True, depth=depth + 1)

    def _class_around(self, path: str, scope: Scope | None) -> Any:
        """rope's class object of the innermost class around a scope."""
        while scope is not None:
            node = scope.node
            if isinstance(node, ast.ClassDef):
                inner = self._module(path).get_scope().get_inner_scope_for_line(node.lineno)
                while inner is not None and inner.get_kind() != "Class":
                    inner = inner.parent
                found = None if inner is None else inner.pyobject
                return found if found is not None and found.get_name() == node.name else None
            scope = scope.parent
        return None

    def _resolved(self, known: Known, depth: int) -> Iterator[Any]:
        """The classes that an annotation names."""
        if not isinstance(known, Hint):
            yield from [known] if isinstance(known, pyobjects.PyClass) else []
            return
        node = known.node
        if depth > _DEEPEST:
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            parsed = _parsed(node.value)
            if parsed is not None:
                yield from self._resolved(Hint(parsed, known.path, known.owner), depth + 1)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            for side in (node.left, node.right):
                yield from self._resolved(Hint(side, known.path, known.owner), depth + 1)
        elif isinstance(node, ast.Subscript):
            yield from self._subscripted(node, known, depth + 1)
        elif isinstance(node, ast.Name) and node.id == "Self" and known.owner is not None:
            yield known.owner
        elif isinstance(node, ast.Name | ast.Attribute):
            found = self._evaluated(known.path, node)
            if isinstance(found, pyobjects.PyClass):
                yield found

    def _subscripted(self, node: ast.Subscript, known: Hint, depth: int) -> Iterator[Any]:
        if _last_name(node.value) in _WRAPPERS:
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for each in inner:
                yield from self._resolved(Hint(each, known.path, known.owner), depth)
        elif _last_name(node.value) not in _MANY:
            yield from self._resolved(Hint(node.value, known.path, known.owner), depth)


def _elements(known: Known) -> Iterator[Hint]:
    """What comes out of a list, an iterator … with this annotation."""
    if not isinstance(known, Hint):
        return
    node: ast.expr | None = known.node
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = _parsed(node.value)
    if isinstance(node, ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        name = _last_name(node.value)
        if name in _MANY:
            yield Hint(parts[0], known.path, known.owner)
        elif name.lower() in {"dict", "mapping", "mutablemapping", "defaultdict"} and parts[1:]:
            yield Hint(parts[1], known.path, known.owner)


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_own(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )


def _is_static(node: Function | ast.Lambda) -> bool:
    listed = getattr(node, "decorator_list", [])
    return any(_is_name(d, "staticmethod") for d in listed) or isinstance(node, ast.Lambda)


def _own_nodes(body: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(body):
        if not isinstance(child, Function | ast.ClassDef | ast.Lambda):
            yield child
            yield from _own_nodes(child)


def _binds(node: Function | ast.Lambda, name: str) -> bool:
    listed = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return any(a.arg == name for a in listed) or any(
        isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
        for n in _own_nodes(node)
    )
