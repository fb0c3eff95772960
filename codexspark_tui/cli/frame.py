"""The outermost frame: whatever happens inside, a documented exit code and no traceback.

0 done · 1 nothing to change, or a part left out · 2 usage · 3 model or network · 4 key
5 could not be placed or written · 6 limit · 130 interrupted · 141 broken pipe, silent
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from codexspark_tui.cli.output import OutputFailed, ProductStream, show_error
from codexspark_tui.errors import Interrupted, SparkError, UsageError, WriteFailed

BROKEN_PIPE = 141
REPORT = "This should not happen; please report it, with what SPARK_DEBUG=1 prints in addition."


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; nothing is raised."""
    try:
        _open_standard_files()
        return _run(list(arguments))
    except BrokenPipeError:
        return BROKEN_PIPE
    except OutputFailed as error:
        show_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return _end(arguments, Interrupted("interrupted"))
    except SparkError as error:
        return _end(arguments, error)
    except Exception as error:  # noqa: BLE001 - the outermost frame: nothing may get past it
        _debug()
        return _end(arguments, _as_error(error))


def _run(arguments: list[str]) -> int:
    from codexspark_tui.cli.app import call

    return call(arguments)


def _end(arguments: Sequence[str], error: SparkError) -> int:
    """Say what went wrong on stderr; with --json also as the one result line on stdout."""
    show_error(error)
    if wants_json(arguments):
        from codexspark_tui.cli.json_face import write_error_result

        try:
            write_error_result(error)
        except BrokenPipeError:
            return BROKEN_PIPE
        except OutputFailed:
            return error.exit_code
    return error.exit_code


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether --json was asked for, also where the arguments cannot be parsed."""
    options = list(arguments)
    if "--" in options:
        options = options[: options.index("--")]
    variable = os.environ.get("SPARK_JSON", "").strip().lower()
    return "--json" in options or variable not in ("", "0", "false", "f", "no", "n", "off")


def _as_error(error: Exception) -> SparkError:
    """What a person can be told of an exception that nobody expected."""
    match error:
        case RecursionError() | MemoryError():
            return UsageError("the input is too large or too deeply nested to be worked on")
        case UnicodeError():
            return UsageError(
                f"this text cannot be expressed in the encoding of the system: {error}",
                next_step="Set LC_ALL=C.UTF-8 and try again.",
            )
        case OSError():
            where = f": {os.fsdecode(error.filename)}" if _is_name(error.filename) else ""
            return WriteFailed(f"the system refused: {error.strerror or error}{where}")
        case _:
            return SparkError(f"{type(error).__name__}: {error}", next_step=REPORT)


def _is_name(name: object) -> bool:
    return isinstance(name, str | bytes)


def _debug() -> None:
    if os.environ.get("SPARK_DEBUG", "") not in ("", "0"):
        import traceback

        os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))


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
    sys.stdout = ProductStream()
