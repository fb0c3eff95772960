"""The entry point. Answers --version before anything is imported, then hands over to the CLI."""

import gc
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
        from codexspark_tui.cli.frame import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        _end_quietly()


def _end_quietly() -> None:
    """From here on Ctrl-C can only tear the interpreter's own end, with a traceback."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
