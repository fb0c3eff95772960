"""`spark index`: what is known of the repository, and what a prompt would take along."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Annotated

from codexspark_tui.actions import indexing
from codexspark_tui.actions.edit import here
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.actions.paths import existing
from codexspark_tui.cli.json_face import write_done, write_line
from codexspark_tui.cli.options import AsJson, NoGit, argument, option, with_options
from codexspark_tui.cli.output import is_terminal, print_product, say, show_progress
from codexspark_tui.counts import count
from codexspark_tui.errors import Interrupted, UsageError
from codexspark_tui.events.paths import path_text
from codexspark_tui.events.records import IndexPiece, IndexStatus, IndexSymbol
from codexspark_tui.index.index import Index
from codexspark_tui.index.values import Definition, Status
from codexspark_tui.session.context.model import Chosen, ranges_text
from codexspark_tui.workspace import Workspace

MOST_SYMBOLS = 50
MOST_MAPPED = 40
TELL_EVERY_S = 0.2


@dataclass(frozen=True)
class IndexOptions:
    status: Annotated[bool, option("--status", help="Only say how it stands; read nothing.")] = (
        False
    )
    rebuild: Annotated[
        bool, option("--rebuild", help="Throw it away and read everything anew.")
    ] = False
    symbols: Annotated[
        str | None, option("--symbols", metavar="QUERY", help="List symbols with such a name.")
    ] = None
    map: Annotated[bool, option("--map", help="List what the rest of the code refers to most.")] = (
        False
    )
    explain: Annotated[
        str | None,
        option("--explain", metavar="PROMPT", help="List what would go along with this prompt."),
    ] = None
    as_json: AsJson = False
    no_git: NoGit = False

    def __post_init__(self) -> None:
        asked = [self.status, self.map, self.symbols is not None, self.explain is not None]
        if sum(asked) > 1:
            raise UsageError(
                "--status, --map, --symbols and --explain are four questions",
                next_step="Ask one at a time.",
            )


def index(
    options: IndexOptions,
    files: Annotated[
        list[str] | None, argument("FILES", "With --explain: files named beside the prompt.")
    ] = None,
) -> int:
    """Bring the index of this repository up to date, and say how it stands.

    The index holds paths, words, symbols and the latest commits; it lives in the cache folder, is
    made by itself in every session, and nothing of it is ever sent. What `.gitignore` or
    `.sparkignore` covers is not in it.
    """
    workspace = open_workspace(here(), no_git=options.no_git)
    with closing(workspace):
        if options.status:
            _tell_status(indexing.looked_at(workspace), options)
            return 0
        made, complete = _built(workspace, options)
        with closing(made):
            if made.notice:
                say(f"spark: {made.notice}")
            if not complete:
                say("spark: another process is building the index; this is what it has so far")
            return _answered(workspace, made, options, list(files or ()))


def _built(workspace: Workspace, options: IndexOptions) -> tuple[Index, bool]:
    """The index, with progress on a terminal. Ctrl-C keeps what was read."""
    stop = threading.Event()
    shows = is_terminal(2) and not options.as_json
    told = [time.monotonic()]

    def tell(done: int, todo: int) -> None:
        if shows and (time.monotonic() - told[0] > TELL_EVERY_S):
            told[0] = time.monotonic()
            show_progress(indexing.progress_line(done, todo, workspace.root))

    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        made, complete = indexing.brought_up_to_date(
            workspace, rebuild=options.rebuild, stop=stop, tell=tell
        )
    finally:
        signal.signal(signal.SIGINT, before)
        if shows:
            show_progress("")
    if stop.is_set():
        made.close()
        raise Interrupted("interrupted; what was read is kept", next_step="spark index goes on.")
    return made, complete


def _answered(workspace: Workspace, made: Index, options: IndexOptions, files: list[str]) -> int:
    if options.symbols is not None:
        found = indexing.symbols(made, options.symbols, MOST_SYMBOLS)
        _tell_symbols(found, options)
        return 0 if found else 1
    if options.map:
        for path, symbols in made.map(MOST_MAPPED):
            _tell_map(path, symbols, options)
        if options.as_json:
            write_done()
        return 0
    if options.explain is not None:
        named = existing(workspace.root, here(), files)
        _tell_chosen(indexing.explained(workspace, made, options.explain, named), options)
        return 0
    _tell_status(made.status(), options)
    return 0


def _tell_status(status: Status, options: IndexOptions) -> None:
    if options.as_json:
        write_line(
            IndexStatus(
                *(status.files, status.read, status.waiting, status.failed, status.symbols),
                dict(status.kinds),
                tuple((path_text(path), why) for path, why in status.failures),
                *(status.place, status.size_bytes, status.notice),
            )
        )
        write_done()
        return
    lines = [
        f"{count(status.files, 'file')}, {status.read:,} read, {count(status.symbols, 'symbol')}",
        f"{status.size_bytes / 1e6:.1f} MB in {status.place or 'memory'}",
    ]
    if status.waiting:
        lines.append(f"{status.waiting:,} files wait to be read: spark index reads them")
    if status.kinds:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(status.kinds.items()))
        lines.append(f"not read: {kinds}")
    lines += [f"could not be read: {path_text(path)}: {why}" for path, why in status.failures]
    if status.by_lines:
        many = f"{count(len(status.by_lines), 'file')}, {path_text(status.by_lines[0])} for one"
        lines.append(f"read line by line, for want of a grammar: {many}")
    print_product("".join(f"{line}\n" for line in lines))


def _tell_symbols(found: list[Definition], options: IndexOptions) -> None:
    for symbol in found:
        if options.as_json:
            write_line(_record(symbol))
        else:
            place = f"{path_text(symbol.path)}:{symbol.line}"
            print_product(f"{place}: {symbol.kind} {symbol.dotted}: {symbol.signature}\n")
    if options.as_json:
        write_done(0 if found else 1, "done" if found else "nothing")
    elif not found:
        say("spark: no symbol has such a name")


def _record(symbol: Definition) -> IndexSymbol:
    return IndexSymbol(
        *(path_text(symbol.path), symbol.dotted, symbol.kind, symbol.line, symbol.end_line),
        symbol.signature,
    )


def _tell_map(path: str, symbols: list[Definition], options: IndexOptions) -> None:
    if options.as_json:
        for symbol in symbols:
            write_line(_record(symbol))
        return
    lines = "".join(f"  {s.line}: {s.signature}\n" for s in symbols)
    print_product(f"{path_text(path)}\n{lines}")


def _tell_chosen(chosen: Chosen, options: IndexOptions) -> None:
    for piece in chosen.pieces:
        if options.as_json:
            place = (path_text(piece.path), piece.form, piece.reason, piece.lines, piece.tokens)
            write_line(IndexPiece(*place, piece.blob, ranges_text(piece.ranges)))
            continue
        path = path_text(piece.path) or piece.reason
        at = f":{ranges_text(piece.ranges)}" if piece.ranges else ""
        said = f"{piece.tokens:>7,}~ tokens  {piece.form:<8} {path}{at}  ({piece.reason})"
        print_product(said + "\n")
    for left in chosen.left_out:
        if options.as_json:
            write_line(IndexPiece(path_text(left.path), "left_out", left.why))
        else:
            print_product(f"               left out {path_text(left.path)}  ({left.why})\n")
    if options.as_json:
        write_done()


COMMANDS = {"index": with_options(IndexOptions)(index)}
