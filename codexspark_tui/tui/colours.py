"""Our themes as Textual's: each role of `themes.ROLES` is a variable `$spark-ROLE` in the styles.

Widgets draw with these variables only, and a role only on the backgrounds that `themes.DRAWN_ON`
names, so that the contrast that is tested of a theme file is the contrast on the screen.
"""

from __future__ import annotations

from functools import cache

from textual.theme import Theme as TextualTheme

from codexspark_tui.themes import DEFAULT, Theme, load_all

PREFIX = "spark-"


def variables_of(theme: Theme) -> dict[str, str]:
    return {PREFIX + role.replace("_", "-"): value for role, value in theme.colours.items()}


@cache
def default_variables() -> dict[str, str]:
    """Those of the shipped default, which is read once: Textual asks for them again and again."""
    return variables_of(load_all().themes[DEFAULT])


def textual_theme(theme: Theme) -> TextualTheme:
    """The theme for Textual's own widgets (inputs, lists, palette), with our variables."""
    colours = theme.colours
    return TextualTheme(
        name=theme.name,
        primary=colours["accent"],
        secondary=colours["placed"],
        warning=colours["warning"],
        error=colours["error"],
        success=colours["success"],
        accent=colours["accent"],
        foreground=colours["text"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        boost=colours["panel"],
        dark=theme.dark,
        text_alpha=1.0,
        variables={
            **variables_of(theme),
            "border": colours["accent"],
            "border-blurred": colours["border"],
            "block-cursor-background": colours["selection"],
            "block-cursor-foreground": colours["text"],
            "block-cursor-blurred-background": colours["selection"],
            "block-cursor-blurred-foreground": colours["text"],
            "block-hover-background": colours["cursor"],
            "input-cursor-background": colours["accent"],
            "input-cursor-foreground": colours["accent_text"],
            "input-selection-background": colours["selection"],
            "button-color-foreground": colours["accent_text"],
            "button-foreground": colours["text"],
            "scrollbar": colours["border"],
            "scrollbar-hover": colours["muted"],
            "scrollbar-active": colours["accent"],
            "scrollbar-background": colours["background"],
            "scrollbar-background-hover": colours["background"],
            "scrollbar-background-active": colours["background"],
            "scrollbar-corner-color": colours["background"],
        },
    )
