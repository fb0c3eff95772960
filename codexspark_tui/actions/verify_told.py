"""What `spark verify` found as Markdown and as SARIF 2.1.0. Pure.

Texts of tools and models are put where nothing of them can be markup.
"""

from __future__ import annotations

import json
import re
from typing import TypeAlias
from urllib.parse import quote

from codexspark_tui import __version__
from codexspark_tui.actions.verify import Check, Verified
from codexspark_tui.actions.verify_findings import Found
from codexspark_tui.counts import count
from codexspark_tui.events.visible import terminal_text

Object: TypeAlias = dict[str, object]
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_BRACKET = re.compile(r"([\\\[\]])")
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#|!~&@$])")


def markdown(made: Verified) -> str:
    """A page for a job's summary."""
    parts = [f"# spark verify: {_plain(made.subject.title)}", _verdict(made)]
    if made.checks:
        rows = "\n".join(_row(check) for check in made.checks)
        parts.append(f"## Checks\n\n| command | result | time |\n|---|---|---|\n{rows}")
    if made.findings:
        parts.append("## Findings\n\n" + "\n".join(_item(one) for one in made.findings))
    if made.patch:
        shown, fence = terminal_text(made.patch.rstrip()), _fence(made.patch)
        parts.append(f"## Patch, to be reviewed\n\n{fence}diff\n{shown}\n{fence}")
    return "\n\n".join(parts) + "\n"


def _verdict(made: Verified) -> str:
    failed = sum(not check.passed for check in made.checks)
    who = f"reviewed by {_plain(made.author)}" if made.author else "no model reviewed it"
    if made.error is not None:
        who = f"no review: {_plain(made.error.title)}"
    elif made.author and not made.reviewed:
        who = f"{_plain(made.author)} gave no verdict"
    state = "Clean" if made.exit_code == 0 else "Not clean"
    told = f"**{state}**: {failed} of {count(len(made.checks), 'check')} failed, "
    told += f"{count(len(made.findings), 'finding')}; {who}."
    return told


def _row(check: Check) -> str:
    result = "passed" if check.passed else f"failed (exit {check.exit_code})"
    return f"| {_plain(check.command)} | {result} | {check.seconds:.1f} s |"


def _item(found: Found) -> str:
    place = f"{found.path}:{found.line}" if found.line else found.path
    where = f"{_plain(place)}: " if place else ""
    who = " ".join(part for part in (found.tool, found.rule) if part)
    return f"- **{found.severity}** {where}{_plain(found.message)} ({_plain(who)})"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", terminal_text(" ".join(text.split())))


def _fence(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


def sarif(made: Verified) -> str:
    """A SARIF log with one run; its results in the order of the findings."""
    rules = list(dict.fromkeys(_rule_id(found) for found in made.findings))
    driver: Object = {"name": "spark", "version": __version__, "rules": [{"id": r} for r in rules]}
    executed = made.error is None
    run: Object = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": executed, "exitCode": made.exit_code}],
        "results": [_result(found, rules) for found in made.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule_id(found: Found) -> str:
    tool = "review" if found.by_model else found.tool
    return f"{tool}/{found.rule}" if found.rule else tool


def _no_link(text: str) -> str:
    """Brackets are escaped, as section 3.11.6 has it, where a viewer would make a link of them."""
    return _BRACKET.sub(r"\\\1", text) if "](" in text else text


def _result(found: Found, rules: list[str]) -> Object:
    id = _rule_id(found)
    text = _no_link(terminal_text(found.message)).encode("utf-8", "replace").decode() or id
    made: Object = {
        "ruleId": id,
        "ruleIndex": rules.index(id),
        "level": found.severity,
        "message": {"text": text},
    }
    if found.path:
        uri = quote(found.path.encode("utf-8", "surrogateescape"))
        physical: Object = {"artifactLocation": {"uri": uri}}
        if found.line:
            last = max(found.line, found.end_line)
            physical["region"] = {"startLine": found.line, "endLine": last}
        made["locations"] = [{"physicalLocation": physical}]
    return made
