"""Which guards are on, and the check of a change against them. Each guard is a file beside this."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from codexspark_tui.session.guards.subject import Found, Subject


@dataclass(frozen=True, slots=True)
class Rules:
    """`only`: places as PATH or PATH::SYMBOL. `max_lines` 0: no limit."""

    only: tuple[str, ...] = ()
    no_new_deps: bool = False
    keep_api: bool = False
    max_lines: int = 0
    no_delete: bool = False
    no_tests_changed: bool = False
    syntax: bool = False
    secrets: bool = True
    conflict_markers: bool = True
    control_characters: bool = True

    @property
    def need_texts(self) -> bool:
        """Whether a finding, or none, can depend on more than the change's own lines."""
        asked = (self.only, self.no_new_deps, self.keep_api, self.max_lines, self.no_delete)
        return any(asked) or self.no_tests_changed or self.syntax

    def listed(self) -> str:
        """Those that are on, as a line for the person."""
        said = [f"only {' '.join(self.only)}"] if self.only else []
        said += [f"max-lines {self.max_lines}"] if self.max_lines else []
        said += [name.replace("_", "-") for name in _SWITCHES if getattr(self, name)]
        return f"guards: {', '.join(said)}" if said else "no guard is on"

    def spoken(self) -> str:
        """What a model is told of them; "" when none was asked for."""
        said = [f"- change nothing outside of {', '.join(self.only)}"] if self.only else []
        said += ["- import or declare no new dependency"] * self.no_new_deps
        said += ["- keep all public names and signatures as they are"] * self.keep_api
        said += [f"- change at most {self.max_lines} lines in all"] if self.max_lines else []
        said += ["- delete no file"] * self.no_delete
        said += ["- leave the tests as they are"] * self.no_tests_changed
        return "\n".join(["These rules are checked:", *said]) if said else ""


_SWITCHES = tuple(f.name for f in fields(Rules) if f.type == "bool")


def with_guard(rules: Rules, name: str, value: str) -> Rules | str:
    """The rules with one of them set, or why that cannot be done. No name changes nothing."""
    key, value = name.strip().replace("-", "_"), value.strip()
    if not key:
        return rules
    if key == "only":
        return replace(rules, only=() if value in ("", "off") else tuple(value.split()))
    if key == "max_lines":
        if value not in ("", "off") and not value.isdecimal():
            return "max-lines takes a number of lines, or off"
        return replace(rules, max_lines=int(value) if value.isdecimal() else 0)
    if key not in _SWITCHES:
        known = ", ".join(f.name.replace("_", "-") for f in fields(Rules))
        return f"there is no guard {name!r}; there are {known}"
    if value not in ("", "on", "off"):
        return f"{name} takes on or off"
    switched: dict[str, bool] = {key: value != "off"}
    return replace(rules, **switched)  # type: ignore[arg-type]


def check(subject: Subject, rules: Rules) -> tuple[Found, ...]:
    """All findings about this change."""
    found: list[Found] = []
    for name in (one.name for one in fields(rules)):
        if getattr(rules, name):
            found += _run(name, subject, rules)
    return tuple(found)


def _run(name: str, subject: Subject, rules: Rules) -> list[Found]:
    """Only the module of a guard that is on is imported."""
    match name:
        case "only":
            from codexspark_tui.session.guards.only import outside

            return outside(subject, rules.only)
        case "no_new_deps":
            from codexspark_tui.session.guards.dependencies import new_dependencies

            return new_dependencies(subject)
        case "keep_api":
            from codexspark_tui.session.guards.api import api_changes

            return api_changes(subject)
        case "syntax":
            from codexspark_tui.session.guards.syntax import broken_syntax

            return broken_syntax(subject)
        case "secrets":
            from codexspark_tui.session.guards.secrets import secrets

            return secrets(subject)
        case _:
            from codexspark_tui.session.guards import simple

            return simple.GUARDS[name](subject, rules.max_lines)
