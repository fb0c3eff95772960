"""The list of settings: for each its key, default, help and what values it takes.

Help, `spark config list` and the docs are made from it. Nothing is read here: config.py puts the
layers together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One key: its default (which also gives its type), what it does, and its permitted values.

    `lines`: a text that may have several lines."""

    key: str
    default: Value
    help: str
    choices: tuple[str, ...] = ()
    needs_trust: bool = False
    lines: bool = False

    @property
    def variable(self) -> str:
        return "SPARK_" + self.key.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "provider",
        "codemods",
        "Where answers come from: codemods, script, replay, or a server (spark models).",
        needs_trust=True,
    ),
    Setting(
        "model", "", "The model that answers, as SERVER/MODEL (spark models).", needs_trust=True
    ),
    Setting("key_command", "", "A command that prints the server's key.", needs_trust=True),
    Setting("script", "", "The script file of the provider named script.", needs_trust=True),
    Setting("recording", "", "The recording that the provider replay plays.", needs_trust=True),
    Setting("replay_speed", 1.0, "How many times as fast as recorded; 0: as fast as it goes."),
    Setting("record", "", "Add what is asked and answered to this file.", needs_trust=True),
    Setting("color", "auto", "When to use colour.", choices=("auto", "always", "never")),
    Setting(
        "stdin",
        "auto",
        "Read what is piped in beside a prompt as context; always: also from a socket or device.",
        choices=("auto", "always", "never"),
    ),
    Setting("stdin_timeout", 0.0, "Give up (exit 2) when a pipe ends later than this; 0: never."),
    Setting("partial", False, "Write what can be placed even when something else cannot."),
    Setting("mentions", False, "Let a rename change exact strings, comments and docs, too."),
    Setting(
        "only",
        "",
        "Guard: changes outside of these places are not taken.",
        needs_trust=True,
        lines=True,
    ),
    Setting("no_new_deps", False, "Guard: no new import or dependency.", needs_trust=True),
    Setting("keep_api", False, "Guard: public names and signatures stay.", needs_trust=True),
    Setting("max_lines", 0, "Guard: at most so many changed lines; 0: any.", needs_trust=True),
    Setting("no_delete", False, "Guard: no file is deleted.", needs_trust=True),
    Setting("no_tests_changed", False, "Guard: tests stay as they are.", needs_trust=True),
    Setting("syntax", False, "Guard: what could be parsed still can.", needs_trust=True),
    Setting("guard_secrets", True, "Guard: no keys in added lines.", needs_trust=True),
    Setting("guard_conflict_markers", True, "Guard: no conflict markers.", needs_trust=True),
    Setting("guard_control_characters", True, "Guard: no hidden characters.", needs_trust=True),
    Setting(
        "approvals",
        "review",
        "What happens without asking: review, auto-edit, auto, or read-only.",
        choices=("review", "auto-edit", "auto", "read-only"),
        needs_trust=True,
    ),
    Setting("tools", True, "Models may look things up, and ask to run commands."),
    Setting("run_network", False, "Commands that are run may use the network.", needs_trust=True),
    Setting("run_timeout", 600.0, "Seconds that a command may run; 0: no limit."),
    Setting("generated", False, "Write ignored and generated files unasked.", needs_trust=True),
    Setting(
        "system", "", "Said to every model beside our instructions.", needs_trust=True, lines=True
    ),
    Setting("loop_fast", "", "The model that answers where none is named.", needs_trust=True),
    Setting("loop_heavy", "", "The model that `h` and spark verify ask.", needs_trust=True),
    Setting(
        "verify_commands", "", "What spark verify runs, one a line.", needs_trust=True, lines=True
    ),
    Setting("hook_turn_ended", "", "A command to run when a turn is over.", needs_trust=True),
    Setting("hook_written", "", "A command to run when files were written.", needs_trust=True),
    Setting("largest_file", 10.0, "Files of more megabytes than this are left alone."),
    Setting(
        "index",
        "on",
        "Keep an index of the repository in the cache folder: on or off (git grep instead).",
        choices=("on", "off"),
    ),
    Setting("codemod_timeout", 120.0, "Seconds that a codemod may take."),
    Setting("test_command", "", "What `t` and spark bisect run in a copy.", needs_trust=True),
    Setting(
        "auto_test",
        "off",
        "What runs in a copy after an accept in the app: off, affected (tests that speak of the "
        "change), or all.",
        choices=("off", "affected", "all"),
        needs_trust=True,
    ),
    Setting("theme", "", "The theme of the app; empty: spark-dark."),
    Setting("keys", "git", "Keys of the app.", choices=("git", "lazygit", "vim")),
    Setting(
        "notify",
        "auto",
        "How the app calls: auto (bell and desktop, while it is not looked at), bell, off.",
        choices=("auto", "bell", "off"),
    ),
    Setting("reduced_motion", False, "The app repaints seldom, and nothing in it moves."),
    Setting("plain", False, "Linear, without a full screen: for screen readers."),
    Setting(
        "max_cost", 0.0, "Stop a turn that costs more US dollars; 0: no limit.", needs_trust=True
    ),
    Setting(
        "max_tokens",
        0,
        "Stop a turn after so many tokens of answer; 0: no limit.",
        needs_trust=True,
    ),
    Setting("attempts", 3, "How many times spark fix may let the model try.", needs_trust=True),
    Setting("timeout", 0.0, "Stop a turn that streams longer, in seconds; 0: no limit."),
)
