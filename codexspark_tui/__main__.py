"""The entry point. Answers --version before anything is imported, then hands over to the CLI."""

import sys


def main() -> int:
    if sys.argv[1:] in (["--version"], ["-V"]):
        from codexspark_tui import __version__

        try:
            sys.stdout.write(f"spark {__version__}\n")
            sys.stdout.flush()
        except (AttributeError, OSError):
            pass
        else:
            return 0
    from codexspark_tui.cli.frame import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
