"""The table of commands: names, one line about each, examples. Nothing is imported for it.

It feeds the list of `spark --help` and the end of each command's own help; a test parses every
example with the real command line.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandInfo:
    """`module`: codexspark_tui.cli.<module>_commands; `summary`: at most 60 characters."""

    module: str
    summary: str
    examples: tuple[str, ...]

    @property
    def epilog(self) -> str:
        """The examples as the end of a help page, each on a line of its own."""
        title = "Examples:" if len(self.examples) > 1 else "Example:"
        return "\b\n" + "\n".join([title, *(f"  {example}" for example in self.examples)])


COMMANDS: dict[str, CommandInfo] = {
    "app": CommandInfo(
        "app",
        "Open the full-screen app; spark alone does it, too.",
        ("spark", "spark --provider script --script answers.toml"),
    ),
    "review": CommandInfo(
        "review",
        "Review a patch on the screen, also inside a pipe.",
        ("spark review answer.md", "git diff main | spark review | git apply"),
    ),
    "edit": CommandInfo(
        "edit",
        "Change files as a sentence says; print it as a patch.",
        (
            'spark edit "rename load to read" | git apply',
            'spark edit -i "remove unused imports in src"',
        ),
    ),
    "fix": CommandInfo(
        "fix",
        "Run a command, and mend the code until it passes.",
        ("spark fix -- pytest -q", "spark fix --review --attempts 5 -- cargo test"),
    ),
    "watch": CommandInfo(
        "watch",
        "Do what comments in saved files ask for (spark!, spark?).",
        ("spark watch", "spark watch --apply", "spark watch --approvals auto-edit"),
    ),
    "verify": CommandInfo(
        "verify",
        "Check and review what was changed, in a copy of the tree.",
        ("spark verify", 'spark verify 7 --check "pytest -q"', "spark verify --ci --since HEAD~5"),
    ),
    "explain": CommandInfo(
        "teach",
        "Explain a file, some lines, or why a change was made.",
        ("spark explain src/io.py:10-40", "spark explain 7.2"),
    ),
    "new": CommandInfo(
        "teach",
        "Begin a project in an empty folder.",
        ('spark new "a command line tool that counts words, in Go" --apply',),
    ),
    "apply": CommandInfo(
        "apply",
        "Write a patch to the working tree, whole or not at all.",
        ("git diff main | spark apply --check", "spark apply -i answer.md"),
    ),
    "undo": CommandInfo(
        "history", "Take back a turn, a change or a file.", ("spark undo", "spark undo 7:src/io.py")
    ),
    "redo": CommandInfo(
        "history", "Write again what was undone.", ("spark redo", "spark redo 7.2")
    ),
    "bisect": CommandInfo(
        "bisect",
        "Find the change that breaks the tests, by halving.",
        ("spark bisect", 'spark bisect 7 -c "pytest -q tests/io"'),
    ),
    "log": CommandInfo(
        "history",
        "List the turns: prompts, models, files, what was declined.",
        ("spark log", "spark log -n 5 --json"),
    ),
    "show": CommandInfo(
        "history",
        "Show what a turn or a change wrote, as a patch.",
        ("spark show 7", "spark show 7.2 | git apply -R"),
    ),
    "blame": CommandInfo(
        "record",
        "Say which prompt and model made each line of a file.",
        ("spark blame src/io.py", "spark blame src/io.py:12-20 --json"),
    ),
    "commit": CommandInfo(
        "record",
        "Commit to git exactly what a turn wrote.",
        ("spark commit", 'spark commit 7 -m "Read settings once" --trailer'),
    ),
    "export": CommandInfo(
        "record",
        "Print what turns come to, as one patch.",
        ("spark export --patch 7 > change.patch", "spark export 5 7 src/io.py"),
    ),
    "gc": CommandInfo(
        "record",
        "Forget old turns, so that the ledger stays small.",
        ("spark gc --dry-run", "spark gc --keep-days 30 --keep-mb 50"),
    ),
    "rename": CommandInfo(
        "codemods",
        "Rename a function, class, variable, module … everywhere.",
        (
            "spark rename Reader.parse Reader.decode",
            "spark rename pkg.io reader --kind module --apply",
        ),
    ),
    "move": CommandInfo(
        "codemods",
        "Move a top-level name or a module elsewhere.",
        ("spark move parse pkg/text.py", "spark move pkg.io pkg.core --module"),
    ),
    "extract": CommandInfo(
        "codemods",
        "Make a function of some lines.",
        ("spark extract src/io.py:10-18 read_header",),
    ),
    "inline": CommandInfo(
        "codemods",
        "Put a body or value where its name is used.",
        ("spark inline helper --at src/io.py:12",),
    ),
    "tidy": CommandInfo(
        "codemods",
        "Clean up Python files: only what is asked for.",
        ("spark tidy --imports --sort src", "spark tidy --modernise --format --apply"),
    ),
    "replace": CommandInfo(
        "codemods",
        "Replace code by its structure, in many languages.",
        ("spark replace 'print($A)' 'log.info($A)' --lang python",),
    ),
    "docstrings": CommandInfo(
        "codemods", "Add docstring stubs to a file.", ("spark docstrings src/io.py",)
    ),
    "tests": CommandInfo(
        "tests",
        "Make tests for a file: skeletons, or by a model real ones.",
        (
            "spark tests src/io.py --to tests/test_io.py",
            "spark tests src/io.py --model openai --apply",
        ),
    ),
    "ask": CommandInfo(
        "ask",
        "Ask a question about the code; nothing is changed.",
        ('spark ask "where are retries decided?"', "pytest | spark ask -- 'why does it fail?'"),
    ),
    "index": CommandInfo(
        "index",
        "Know the repository; say what a prompt would take along.",
        (
            "spark index",
            "spark index --symbols Reader",
            'spark index --explain "make parse() lazy"',
        ),
    ),
    "codemods": CommandInfo("about", "List what can be done without a model.", ("spark codemods",)),
    "models": CommandInfo(
        "models",
        "List the models that can answer, and who has a key.",
        ("spark models", "spark models --probe --json"),
    ),
    "login": CommandInfo(
        "models",
        "Keep the key of a server, in the system keyring or a file.",
        ("spark login openai", "pass show openai | spark login openai"),
    ),
    "logout": CommandInfo("models", "Forget the key of a server.", ("spark logout openai",)),
    "trust": CommandInfo(
        "models",
        "Let this repository's own settings choose server or key.",
        ("spark trust", "spark trust --list", "spark trust --revoke"),
    ),
    "doctor": CommandInfo(
        "doctor",
        "Say what works here and what does not.",
        ("spark doctor", "spark doctor --bench --json"),
    ),
    "config": CommandInfo(
        "about", "Show the settings in force.", ("spark config list --show-origin",)
    ),
    "completion": CommandInfo(
        "about",
        "Print the completion script of a shell.",
        (
            'eval "$(spark completion bash)"',
            "spark completion fish > ~/.config/fish/completions/spark.fish",
        ),
    ),
    "schema": CommandInfo(
        "about", "Print the JSON Schema of the lines of --json.", ("spark schema events",)
    ),
    "serve": CommandInfo(
        "serve",
        "Serve the provider to other programs as an API.",
        ("spark serve", "spark serve --port 0 --token-file ~/.spark-token"),
    ),
    "web": CommandInfo(
        "web",
        "Open the app in a browser, on this machine only.",
        ("spark web", "spark web --port 0 --no-open"),
    ),
    "demo": CommandInfo(
        "demo",
        "Try it on a small repository in a temporary folder.",
        ("spark demo", "spark demo --recording"),
    ),
}
