"""How the widgets that Textual brings look in the app. What is ours says so itself."""

from __future__ import annotations

LOOKS = """
ToastRack { margin-bottom: 3; }  /* never over what is typed, nor over the status */
Toast { padding: 0 1; max-width: 90%; background: $spark-panel; color: $spark-text; }

Button:focus { text-style: bold underline; background-tint: $spark-text 0%; }

CommandPalette > Vertical { width: 110; max-width: 100%; margin-top: 1; }
CommandPalette #--input { border: round $spark-accent; background: $spark-panel; }
CommandPalette #--input.--list-visible { border: round $spark-accent; }
CommandPalette SearchIcon { display: none; }
CommandPalette CommandInput, CommandPalette CommandInput:focus {
    border: none; padding: 0 1; height: 1;
}
CommandPalette CommandList { max-height: 80vh; }
CommandPalette CommandList > .option-list--option { padding: 0 1; }
"""
