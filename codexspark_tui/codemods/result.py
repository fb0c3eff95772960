"""The value that a variable or a function's call stands for, as text that can be put elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codexspark_tui.codemods import imports
from codexspark_tui.codemods.plans import FilePlan
from codexspark_tui.codemods.scan import Lines
from codexspark_tui.codemods.sources import Source
from codexspark_tui.codemods.splice import fitted, has_effects, looseness, names_in, parents_of
from codexspark_tui.codemods.swaps import Swap, apply_swaps
from codexspark_tui.codemods.symbols import Definition
from codexspark_tui.codemods.uses import Scope, Uses

Parents = Mapping[ast.AST, ast.AST]
_HEADERS = (["def"], ["async", "def"])
_NESTED = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Refused(Exception):
    """Inlining would change what the program does, or is not certain not to."""

    def __init__(self, why: str, next_step: str = "Inline it by hand") -> None:
        super().__init__(why)
        self.why = why
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Value:
    """What to write: `text` is the expression, `function` the function that gives it, if one.

    `free_names`: names in it that must mean the same elsewhere, `builtin_names` those of them that
    the module does not define; `at`: where it stands now;
    `removal` takes the definition out.
    """

    name: str
    text: str
    node: ast.expr
    function: ast.FunctionDef | None
    free_names: frozenset[str]
    builtin_names: frozenset[str]
    at: int
    removal: Swap

    def owner_in(self, uses: Uses, name: str) -> Scope | None:
        """The scope that `name` belongs to where the value stands now."""
        scope = uses.scope_at(self.at)
        return None if scope is None else scope.owner(name)

    def check_count(self, uses: int, places: Sequence[tuple[ast.expr, Parents]]) -> None:
        """Refuses a variable whose value would be computed again, or at another time."""
        if self.function is not None or not has_effects(self.node):
            return
        if uses > 1:
            raise Refused("its value would be computed again at each of its uses")
        for node, parents in places:
            above = parents.get(node)
            while above is not None and not isinstance(above, ast.Module):
                if isinstance(above, (ast.For, ast.AsyncFor, ast.While, *_NESTED)):
                    raise Refused(f"its value would be computed again and again ({self._at(node)})")
                above = parents.get(above)

    def _at(self, node: ast.expr) -> str:
        return f"line {node.lineno}"

    def replacement(self, plan: FilePlan, node: ast.expr, parents: Parents) -> Swap:
        """The change of one use."""
        lines = plan.uses.lines
        whole = node
        text = self.text
        if self.function is not None:
            call = parents.get(node)
            if not isinstance(call, ast.Call) or call.func is not node:
                raise Refused(f"{plan.source.path}:{node.lineno} uses it without calling it")
            text = self._called(plan, call)
            whole = call
        start = lines.byte_offset(whole.lineno, whole.col_offset)
        end = lines.byte_offset(whole.end_lineno or 1, whole.end_col_offset or 0)
        return Swap(start, end, fitted(text, whole, parents[whole]))

    def _called(self, plan: FilePlan, call: ast.Call) -> str:
        """The function's result with the call's arguments in place of its parameters."""
        assert self.function is not None
        given = _bind(self.function, call, plan)
        lines = Lines(self.text)
        tree = ast.parse(self.text, mode="eval")
        parents = parents_of(tree)
        swaps: list[Swap] = []
        counts = dict.fromkeys(given, 0)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in given:
                counts[node.id] += 1
                start = lines.byte_offset(node.lineno, node.col_offset)
                text = fitted(given[node.id][0], node, parents[node])
                swaps.append(Swap(start, start + len(node.id), text))
        for name, (text, argument) in given.items():
            if has_effects(argument) and counts[name] != 1:
                raise Refused(
                    f"the argument {text} ({plan.source.path}:{call.lineno}) would be "
                    f"computed {counts[name]} times"
                )
        effects = [n for n, (_, a) in given.items() if has_effects(a)]
        if len(effects) > 1 or (effects and has_effects(self.node)):
            raise Refused(f"{plan.source.path}:{call.lineno} would compute things in another order")
        return apply_swaps(self.text, swaps)


def value_of(source: Source, tree: ast.Module, definition: Definition) -> Value:
    """The value of the definition; raises `Refused` where there is no single one."""
    lines = Lines(source.plain)
    parents = parents_of(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            header = source.plain[lines.byte_offset(node.lineno, node.col_offset) :]
            before = definition.offset - len(source.plain) + len(header)
            if node.name == definition.name and header[: max(before, 0)].split() in _HEADERS:
                return _of_function(source, lines, tree, parents, node, definition)
        elif (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)
            and lines.byte_offset(node.lineno, node.col_offset) == definition.offset
        ):
            return _of_variable(source, lines, tree, parents, node)
    raise Refused("it is not defined by a plain assignment or function")


def _of_variable(
    source: Source, lines: Lines, tree: ast.Module, parents: Parents, name: ast.Name
) -> Value:
    statement = parents[name]
    is_plain = isinstance(statement, ast.Assign) and statement.targets == [name]
    is_noted = isinstance(statement, ast.AnnAssign) and statement.value is not None
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or not (is_plain or is_noted):
        raise Refused("it is not defined by a plain assignment")
    value = statement.value
    assert value is not None
    free = frozenset(names_in(value))
    uses = Uses(source.plain, tree, {name.id, *free})
    at = lines.byte_offset(name.lineno, name.col_offset)
    scope = uses.scope_at(at)
    owner = None if scope is None else scope.owner(name.id)
    if owner is None or owner.bound_count.get(name.id, 0) != 1 or _reassigned(tree, name):
        raise Refused("it is assigned more than once")
    for used in sorted(free):
        its = None if scope is None else scope.owner(used)
        if its is not None and its.bound_count.get(used, 0) > 1:
            raise Refused(f"its value uses “{used}”, which is assigned more than once")
    start = lines.byte_offset(value.lineno, value.col_offset)
    end = lines.byte_offset(value.end_lineno or 1, value.end_col_offset or 0)
    text = source.plain[start:end]
    builtin = frozenset(n for n in free if scope is None or scope.owner(n) is None)
    removal = _removal(source, lines, parents, statement)
    return Value(name.id, text, value, None, free, builtin, at, removal)


def _reassigned(tree: ast.Module, name: ast.Name) -> bool:
    """Augmented assignments and deletions, which bind without being a plain store."""
    return any(
        isinstance(node, ast.AugAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == name.id
        for node in ast.walk(tree)
    )


def _of_function(
    source: Source,
    lines: Lines,
    tree: ast.Module,
    parents: Parents,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    definition: Definition,
) -> Value:
    if isinstance(node, ast.AsyncFunctionDef):
        raise Refused("it is async")
    if node.decorator_list:
        raise Refused("it has decorators")
    if node.args.vararg or node.args.kwarg:
        raise Refused("it takes any number of arguments")
    body = node.body
    if ast.get_docstring(node, clean=False) is not None:
        body = body[1:]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
        raise Refused(
            "its body is more than one return of a value",
            "Only functions of one return statement can be inlined",
        )
    value = body[0].value
    if any(isinstance(inner, (*_NESTED, ast.NamedExpr)) for inner in ast.walk(value)):
        raise Refused("its result has names of its own (a comprehension, lambda or :=)")
    parameters = {a.arg for a in _parameters(node)}
    free = frozenset(names_in(value)) - parameters
    if node.name in free:
        raise Refused("it calls itself")
    uses = Uses(source.plain, tree, {node.name, *free})
    scope = uses.scope_at(definition.offset)
    owner = None if scope is None else scope.owner(node.name)
    if owner is None or owner.bound_count.get(node.name, 0) != 1:
        raise Refused("it is defined more than once")
    builtin = frozenset(n for n in free if scope is None or scope.owner(n) is None)
    start = lines.byte_offset(value.lineno, value.col_offset)
    end = lines.byte_offset(value.end_lineno or 1, value.end_col_offset or 0)
    text = source.plain[start:end]
    if "\n" in text or looseness(text) == 8:
        text = f"({text})"
    removal = _removal(source, lines, parents, node)
    return Value(node.name, text, value, node, free, builtin, definition.offset, removal)


def _parameters(node: ast.FunctionDef) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def _bind(
    function: ast.FunctionDef, call: ast.Call, plan: FilePlan
) -> dict[str, tuple[str, ast.expr]]:
    """Parameter → text and node of its argument or default."""
    where = f"{plan.source.path}:{call.lineno}"
    if any(isinstance(a, ast.Starred) for a in call.args) or any(
        k.arg is None for k in call.keywords
    ):
        raise Refused(f"{where} calls it with * or **")
    positional = [*function.args.posonlyargs, *function.args.args]
    given: dict[str, tuple[str, ast.expr]] = {}
    defaults = dict(
        zip([a.arg for a in positional][::-1], function.args.defaults[::-1], strict=False)
    )
    keyword_defaults = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    defaults |= {a.arg: d for a, d in keyword_defaults if d is not None}
    for name, default in defaults.items():
        given[name] = (ast.unparse(default), default)
    for parameter, argument in zip(positional, call.args, strict=False):
        given[parameter.arg] = (_text(plan, argument), argument)
    for keyword in call.keywords:
        given[keyword.arg or ""] = (_text(plan, keyword.value), keyword.value)
    names = {a.arg for a in _parameters(function)}
    if set(given) != names or len(call.args) > len(positional):
        raise Refused(f"{where} does not call it with the arguments it takes")
    return given


def _text(plan: FilePlan, node: ast.expr) -> str:
    lines = plan.uses.lines
    start = lines.byte_offset(node.lineno, node.col_offset)
    return plan.source.plain[
        start : lines.byte_offset(node.end_lineno or 1, node.end_col_offset or 0)
    ]


def _removal(source: Source, lines: Lines, parents: Parents, node: ast.stmt) -> Swap:
    """Takes out a statement; a block that would be empty gets `pass`."""
    start, end = imports.statement_span(source.plain, lines, node)
    parent = parents[node]
    blocks = [getattr(parent, name, None) for name in ("body", "orelse", "finalbody")]
    block = next((b for b in blocks if isinstance(b, list) and node in b), [])
    if len(block) == 1 and not isinstance(parent, ast.Module):
        begin = lines.byte_offset(node.lineno, node.col_offset)
        return Swap(
            begin, lines.byte_offset(node.end_lineno or 1, node.end_col_offset or 0), "pass"
        )
    plain = source.plain
    is_whole = start == 0 or plain[start - 1] == "\n"
    if not is_whole or not plain[start:end].endswith("\n"):
        rest = plain[end:]
        gap = len(rest) - len(rest.lstrip(" \t;"))
        return Swap(start, end + gap, "")
    if isinstance(node, ast.FunctionDef):
        while plain.startswith("\n", end):
            end += 1
    return Swap(start, end, "")
