"""`spark` without a command: the full-screen app on this repository."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from codexspark_tui import config as settings
from codexspark_tui.actions.edit import here, make_provider, make_setup
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.cli.options import NoGit, SourceOptions, option, setting, with_options
from codexspark_tui.cli.output import is_terminal, say
from codexspark_tui.cli.run import load_asking, warn
from codexspark_tui.errors import NeedsAnswer
from codexspark_tui.workspace import Workspace

if TYPE_CHECKING:
    from codexspark_tui.tui.launch import Record, Start


@dataclass(frozen=True)
class AppOptions(SourceOptions):
    """`spark` without a command."""

    no_git: NoGit = False
    resume: Annotated[
        bool, option("--resume", "-r", help="Choose an earlier session and go on with it.")
    ] = False
    plain: Annotated[
        bool, setting("--plain", help="Linear, without a full screen: for screen readers.")
    ] = False
    session: Annotated[
        str, option("--session", metavar="ID", help="Go on with this session (last: the newest).")
    ] = ""


def app(
    options: AppOptions,
    theme: Annotated[str, option("--theme", help="The theme to begin with.")] = "",
) -> int:
    """Review each change while the next one streams, in a full-screen app."""
    from codexspark_tui.tui.launch import Start, Wishes, is_in_browser, pick_session

    in_browser = is_in_browser()
    if not in_browser and not (is_terminal(0) and is_terminal(1)):
        raise NeedsAnswer(
            "the app needs a terminal for its input and its output",
            next_step='In a pipe, use spark edit "…" or spark review.',
        )
    workspace = open_workspace(here(), no_git=options.no_git)
    config = load_asking(workspace, options.source_flags())
    warn(config)
    if not in_browser and (options.plain or config.is_on("plain")):
        from codexspark_tui.cli.plain import run_plain

        resume = options.session or ("last" if options.resume else "")
        return run_plain(workspace, config, here(), resume)
    resume = options.session
    if options.resume and not resume:
        resume = pick_session(workspace, Wishes.of(config, theme)) or ""
        if not resume:
            workspace.close()
            say("spark: no session was chosen")
            return 1
    run_app(workspace, config, here(), Start(resume=resume, in_browser=in_browser), theme=theme)
    return 0


def run_app(
    workspace: Workspace,
    config: settings.Config,
    folder: Path,
    start: Start,
    *,
    theme: str = "",
) -> None:
    """Open the app, and leave a compact record of the session on the normal screen."""
    from codexspark_tui.tui.launch import Wishes, run_session
    from codexspark_tui.tui.terminal import early_keys

    try:
        with early_keys():
            provider = make_provider(config, folder)
            setup = replace(make_setup(config, folder, workspace), exact_at_once=True)
            wishes = Wishes.of(config, theme)
            record = run_session(workspace, provider, setup, start=start, wishes=wishes)
    finally:
        workspace.close()
    for line in record_lines(record):
        say(line)


def record_lines(record: Record) -> list[str]:
    """What was accepted, rejected and left open, and the files that were written."""
    decided = record.accepted + record.rejected + record.undone
    if not decided + record.left_open + len(record.files):
        return ["spark: nothing was changed"]
    left = f", {record.undone} undone" if record.undone else ""
    left += f", {record.left_open} left open" if record.left_open else ""
    lines = [f"spark: {record.accepted} accepted, {record.rejected} rejected{left}"]
    lines += [f"  {path}" for path in record.files[:20]]
    if len(record.files) > 20:
        lines.append(f"  … and {len(record.files) - 20} more files")
    return lines


COMMANDS = {"app": with_options(AppOptions)(app)}
