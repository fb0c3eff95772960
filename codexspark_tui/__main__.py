"""The entry point. Answers --version before anything is imported, then hands over to the CLI."""

import gc
import os
import sys

INTERRUPTED = 130


def main() -> int:
    """Run `spark` with the process's own arguments; nothing is raised, not even by Ctrl-C."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from codexspark_tui import __version__

        try:
            sys.stdout.write(f"spark {__version__}\n")
            sys.stdout.flush()
        except (AttributeError, OSError):
            pass
        else:
            return 0
    gc.disable()  # what is imported stays: looking through it for garbage again and again is waste
    try:
        _hold_keys(sys.argv[1:])
        from codexspark_tui.cli.frame import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        _end_quietly()
        _let_go_of_keys()


def _hold_keys(arguments: list[str]) -> None:
    """What is typed while the app is being imported is for the app."""
    first = arguments[0] if arguments else "app"
    plain = "--plain" in arguments or os.environ.get("SPARK_PLAIN")
    is_app = first == "app" or (first[:1] == "-" and first not in ("-", "-h", "--help"))
    if is_app and not plain:
        from codexspark_tui.tui.terminal import hold_keys

        hold_keys()


def _let_go_of_keys() -> None:
    """However it ended."""
    if "codexspark_tui.tui.terminal" in sys.modules:
        from codexspark_tui.tui.terminal import let_go

        let_go()


def _end_quietly() -> None:
    """From here on Ctrl-C can only tear the interpreter's own end, with a traceback."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
