"""The outermost frame: whatever happens inside, a documented exit code and no traceback.

0 done · 1 nothing to change, or a part left out · 2 usage · 3 model or network · 4 key
5 could not be placed or written · 6 limit · 130 interrupted · 141 broken pipe, silent
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from codexspark_tui.cli.output import say, styled, terminal_text, uses_color
from codexspark_tui.errors import Interrupted, SparkError, UsageError, WriteFailed

BROKEN_PIPE = 141
INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; nothing is raised."""
    _open_standard_files()
    try:
        code = _run(list(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _silently(BROKEN_PIPE)
    except KeyboardInterrupt:
        return _end(arguments, Interrupted("interrupted"), INTERRUPTED)
    except SparkError as error:
        return _end(arguments, error, error.exit_code)
    except OSError as error:
        reason = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        failure = WriteFailed(f"the output could not be written: {reason}")
        if error.filename:
            failure = WriteFailed(f"a file could not be used: {reason}")
        _let_go(1)
        return _end(arguments, failure, failure.exit_code)
    except RecursionError:
        deep = UsageError("the input is nested too deeply to be worked on")
        return _end(arguments, deep, deep.exit_code)


def _run(arguments: list[str]) -> int:
    from codexspark_tui.cli.app import call

    return call(arguments)


def _end(arguments: Sequence[str], error: SparkError, code: int) -> int:
    """Say what went wrong on stderr; with --json also as the one result line on stdout."""
    show_error(error)
    if "--json" in arguments or os.environ.get("SPARK_JSON", "") not in ("", "0", "false"):
        from codexspark_tui.cli.json_face import write_error_result

        try:
            write_error_result(error)
        except BrokenPipeError:
            return _silently(BROKEN_PIPE)
        except OSError:
            return code
    return code


def show_error(error: SparkError) -> None:
    """The sentence, the particulars and the next step, on stderr."""
    said = [terminal_text(t) for t in (error.title, error.detail, error.next_step) if t]
    text = styled("spark: ", "error", uses_color(2)) + "\n".join(said) + "\n"
    try:
        os.write(2, text.encode("utf-8", "backslashreplace"))
    except OSError:
        return


def _open_standard_files() -> None:
    """Give closed descriptors 0–2 a file that can be neither read nor written to any use.

    Otherwise the next file that is opened (the ledger, say) would get such a number, and whatever
    is printed would be written into it.
    """
    for fd, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(fd)
        except OSError:
            opened = os.open(os.devnull, flags)
            if opened != fd:
                os.dup2(opened, fd)
                os.close(opened)


def _silently(code: int) -> int:
    _let_go(1)
    return code


def _let_go(fd: int) -> None:
    """Point stdout at nothing, so that the interpreter's last flush cannot fail."""
    try:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, fd)
        os.close(devnull)
    except OSError:
        say("spark: standard output could not be closed")
