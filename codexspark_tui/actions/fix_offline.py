"""What the codemods can do about a failed command when no model is connected: what ruff names and
a codemod mends. Everything else is refused with a sentence that says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from codexspark_tui.actions.fix_judge import Ran
from codexspark_tui.actions.fix_prompt import Places, line_of
from codexspark_tui.errors import NotUnderstood
from codexspark_tui.events import commands
from codexspark_tui.events.paths import path_text

_MENDED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"F401"), "remove unused imports"),
    (re.compile(r"I001"), "sort the imports"),
    (re.compile(r"UP\d+"), "use newer syntax"),
    (re.compile(r"SIM\d+"), "simplify the code"),
    (re.compile(r"format"), "format the code"),
)


def offline_prompt(root: Path, folder: Path) -> Callable[[Ran], commands.Prompt]:
    """Makes the sentence for the codemods; it raises `NotUnderstood` for what they cannot mend."""

    def prompt(ran: Ran) -> commands.Prompt:
        places = Places(root, folder)
        if ran.report.tool == "ruff":
            for rule, sentence in _MENDED:
                found = [f for f in ran.report.findings if rule.fullmatch(f.rule)]
                files = dict.fromkeys(places.find(finding.path) for finding in found)
                if named := tuple(path_text(file) for file in files if file):
                    return commands.Prompt(sentence, named)
        found = list(ran.report.findings[:1])
        raise NotUnderstood(
            "the codemods cannot mend this, and no model is connected",
            detail="\n".join(f"  {line_of(finding)}" for finding in found),
            next_step="Name a model with --model (spark models lists them). Without one spark fix "
            "mends what ruff finds: unused or unsorted imports, old syntax, the format.",
        )

    return prompt
