"""The themes of the running app: chosen, and read anew when their files change.

A file is read once it has stayed the same for a moment, so that one that is being written is left
alone. One with an error is told with file, key and reason; what was in force before stays.
"""

from __future__ import annotations

from pathlib import Path

from textual.app import App
from textual.theme import Theme as TextualTheme

from codexspark_tui.actions.settings import overruled, write_setting
from codexspark_tui.errors import SparkError
from codexspark_tui.themes import DEFAULT, Loaded, load_all, stamp
from codexspark_tui.tui.colours import textual_theme
from codexspark_tui.tui.model.cells import clean

LOOKED_AT_EACH_S = 0.5


class Themes:
    """Of one app. `loaded` is what there is to choose from."""

    def __init__(self, app: App[None], wanted: str) -> None:
        self._app = app
        self._wanted = wanted
        self._stamp = self._seen = stamp()
        self.loaded: Loaded = load_all()
        self._made: dict[str, TextualTheme] = {}
        self._told: frozenset[str] = frozenset()
        self._register()
        self._begin()

    def _register(self) -> None:
        for own in self.loaded.themes.values():
            made = textual_theme(own)
            self._made[own.name] = made
            self._app.register_theme(made)

    def _begin(self) -> None:
        """The first theme, before anything is styled; an unknown one is told later."""
        app = self._app
        first = self._wanted if self._wanted in self.loaded.themes else DEFAULT
        app.set_reactive(App.theme, first)
        dark = app.current_theme.dark
        app.set_class(dark, "-dark-mode", update=False)
        app.set_class(not dark, "-light-mode", update=False)
        app.stylesheet.set_variables(app.get_css_variables())

    def mounted(self) -> None:
        """The app is there: choose what was wanted, tell what is wrong, and begin to look."""
        self.choose(self._wanted or DEFAULT)
        self._tell()
        self._app.set_interval(LOOKED_AT_EACH_S, self.look)

    def choose(self, name: str) -> bool:
        """Whether there is such a theme; else the one that is shown stays."""
        app = self._app
        if name in self.loaded.themes:
            app.theme = name
            return True
        names = ", ".join(self.loaded.themes)
        said = f"there is no theme {clean(name)}: {names}"
        app.notify(said, severity="warning", markup=False)
        return False

    def keep(self, name: str | None, root: Path | None) -> None:
        """Choose it from now on, for the next start, too."""
        if name is None or not self.choose(name):
            return
        try:
            stronger = overruled("theme", write_setting("theme", name), root)
            said = f"kept for the next start; {stronger}" if stronger else ""
        except SparkError as error:
            said = f"not kept for the next start: {error.title}"
        if said:
            self._app.notify(clean(said), severity="warning", markup=False)

    def look(self) -> None:
        """Read the files if they have changed and stand still."""
        now = stamp()
        before, self._seen = self._seen, now
        if now != self._stamp and now == before:
            self._stamp = now
            self._read()

    def _read(self) -> None:
        app, shown = self._app, self._made.get(self._app.theme)
        self.loaded = load_all()
        self._register()
        self._tell()
        if self._made.get(app.theme) != shown:
            app._watch_theme(app.theme)  # what setting another theme does

    def _tell(self) -> None:
        """Each problem once, until it is another one."""
        problems = [str(problem) for problem in self.loaded.problems]
        for problem in problems:
            if problem not in self._told:
                self._app.notify(problem, severity="warning", markup=False, timeout=10)
        self._told = frozenset(problems)
