"""`spark verify`: checks and a review by the heavy model, in a copy of the tree."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from codexspark_tui.actions.edit import here
from codexspark_tui.actions.oneshot import Status
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.actions.verify import Verified, verify
from codexspark_tui.actions.verify_findings import line_of
from codexspark_tui.actions.verify_request import Asked, request_of
from codexspark_tui.actions.verify_told import markdown, sarif
from codexspark_tui.cli import json_face
from codexspark_tui.cli.agreeing import Yes, agree
from codexspark_tui.cli.faces import TurnFace
from codexspark_tui.cli.options import AsJson, NoGit, argument, option, setting, with_options
from codexspark_tui.cli.output import print_product, say, show_error
from codexspark_tui.cli.run import load_asking, warn
from codexspark_tui.counts import count
from codexspark_tui.errors import Interrupted, UsageError, WriteFailed
from codexspark_tui.events.records import VerifyFinding, VerifyKept
from codexspark_tui.setting_list import Value

SARIF_FILE = "spark-verify.sarif"


@dataclass(frozen=True)
class VerifyOptions:
    check: Annotated[
        list[str] | None,
        typer.Option(
            "--check",
            metavar="COMMAND",
            help="Run this instead of the commands of [verify]; several times for several. "
            "[env: SPARK_VERIFY_COMMANDS]",
        ),
    ] = None
    heavy: Annotated[
        str | None,
        typer.Option(
            "--heavy",
            metavar="MODEL",
            help="The model that reviews, SERVER/MODEL; - for none. [env: SPARK_LOOP_HEAVY]",
        ),
    ] = None
    since: Annotated[
        str, option("--since", metavar="COMMIT", help="Look at what changed since this commit.")
    ] = ""
    ci: Annotated[
        bool, option("--ci", help="Print Markdown, and write SARIF, for a job without a person.")
    ] = False
    sarif: Annotated[
        str,
        option(
            "--sarif", metavar="FILE", help=f"Write the findings as SARIF (--ci: {SARIF_FILE})."
        ),
    ] = ""
    patch: Annotated[
        str,
        option("--patch", metavar="FILE", help="Write what the model would change, as a patch."),
    ] = ""
    sandbox: Annotated[bool, option("--sandbox", help="Run nothing where nothing confines it.")] = (
        False
    )
    yes: Yes = False
    script: Annotated[
        str | None,
        setting("--script", metavar="FILE", help="The script of the provider named script."),
    ] = None
    as_json: AsJson = False
    no_git: NoGit = False
    quiet: Annotated[
        bool, option("--quiet", "-q", help="Say nothing on stderr but warnings and errors.")
    ] = False

    def flags(self) -> dict[str, Value | None]:
        """Those that override settings."""
        commands = "\n".join(self.check) if self.check else None
        heavy = "" if self.heavy == "-" else self.heavy
        return {"verify_commands": commands, "loop_heavy": heavy, "script": self.script}


def verify_command(
    options: VerifyOptions,
    turn: Annotated[
        str | None, argument("TURN", "The turn to look at (7); else the last one.")
    ] = None,
) -> int:
    """Check and review what a turn changed, in a copy of the tree.

    The commands of [verify] are run there (without any, test_command), confined and without a
    network (run_network = true grants it), then the heavy model looks for what is wrong. Findings
    are printed with file and line; what it would change waits, as a session, to be reviewed like
    any other patch. Where no turn is known, what is not committed yet is looked at, or the last
    commit.

    Exit codes: 0 clean; 1 findings, or a check failed; 3 the model failed.
    """
    _refuse_stdout(options)
    folder = here()
    with closing(open_workspace(folder, no_git=options.no_git)) as workspace:
        asks = not (options.as_json or options.ci or options.quiet)
        config = load_asking(workspace, options.flags(), asks=asks)
        warn(config)
        asked = Asked(turn, options.since, options.sandbox)
        request = request_of(workspace, folder, config, asked)
        if request.commands and request.confined == "none":
            agree(request.commands, options.yes, asks=asks)
        face = TurnFace(options.as_json, options.quiet, runs=not options.quiet)
        try:
            made = asyncio.run(verify(workspace, request, face))
        except KeyboardInterrupt:
            raise Interrupted("interrupted; your tree is as it was") from None
    _finish(made, options, folder)
    return made.exit_code


def _refuse_stdout(options: VerifyOptions) -> None:
    """stdout has the findings already."""
    for name, target in (("--sarif", options.sarif), ("--patch", options.patch)):
        if target == "-":
            raise UsageError(
                f"{name} needs the name of a file: stdout has the findings",
                next_step=f"Name one: {name} verify{name.replace('--', '.')}; --json prints both "
                "findings and patch.",
            )


def _finish(made: Verified, options: VerifyOptions, folder: Path) -> None:
    if made.error is not None:
        show_error(made.error)
    if options.as_json:
        _write_records(made)
    elif options.ci:
        print_product(markdown(made))
    else:
        print_product("".join(f"{line_of(found)}\n" for found in made.findings))
    target = options.sarif or (SARIF_FILE if options.ci else "")
    if target:
        _write(folder / target, sarif(made))
    if options.patch:
        _write(folder / options.patch, made.patch)
    if options.as_json:
        _write_result(made)
    if not options.quiet:
        _tell(made, target)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8", "surrogateescape")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise WriteFailed(f"{path} cannot be written: {why}") from error


def _tell(made: Verified, target: str) -> None:
    failed = [check for check in made.checks if not check.passed]
    for check in failed:
        say(f"spark: failed: {check.command}" + (f" ({check.why})" if check.why else ""))
    if failed and made.held:
        say(f"spark: {made.held}")
    if made.author and not made.reviewed and made.error is None:
        say(f"spark: {made.author} gave no verdict")
    if made.session:
        many = count(made.changes, "change")
        say(f"spark: {many} by {made.author} to review: spark --session {made.session}")
    if target:
        say(f"spark: the findings are in {target}")
    if made.is_clean and made.error is None:
        by = f", reviewed by {made.author}" if made.author else ""
        many = f"{count(len(made.checks), 'check')} passed"
        say(f"spark: {made.subject.title}: {many}{by}")


def _write_records(made: Verified) -> None:
    for one in made.findings:
        json_face.write_line(VerifyFinding(**asdict(one)))
    if made.session:
        kept = VerifyKept(made.session, made.author, made.changes, made.patch)
        json_face.write_line(kept)


def _write_result(made: Verified) -> None:
    if made.error is not None:
        json_face.write_error_result(made.error)
        return
    status: Status = "done" if made.exit_code == 0 else "partial"
    json_face.write_done(made.exit_code, status)


COMMANDS = {"verify": with_options(VerifyOptions)(verify_command)}
