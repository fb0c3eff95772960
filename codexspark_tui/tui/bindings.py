"""Textual's bindings of the actions of a place; their ids are the names of the actions."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from codexspark_tui.tui.action import Where
from codexspark_tui.tui.registry import FIXED, actions_of


def bindings_of(where: Where) -> list[BindingType]:
    made: list[BindingType] = []
    for action in actions_of(where):
        if action.name in FIXED:
            made += [
                Binding(key, f"act('{action.name}', '{key}')", action.title, show=False)
                for key in action.keys
            ]
        else:
            keys = ",".join(action.keys) or f"none_{action.name}"  # a keymap may give it one
            act = f"act('{action.name}')"
            made.append(Binding(keys, act, action.title, show=False, id=action.name))
    return made
