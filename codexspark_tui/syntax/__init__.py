"""What a source file defines and names, by tree-sitter grammars that are installed as wheels.

    language_of(path)             → Language or None, by the file's name alone
    outline(path, text)           → Outline(symbols, how, broken, note): definitions in order,
                                    with kind, lines (from 1, both ends included), head, parent
    references(path, text, name)  → [Reference]: uses: call, type, attribute or name
    faults(path, text)            → [Fault(line, why)], or None where that cannot be told
    readings(language, text)        → the text, and forms of it that an older grammar can read
    is_closed(language, text)       → whether its brackets are; None where that cannot be told
    comments(path, text)          → [Comment(line, start, text)], strings that look alike left out

True here: nothing is downloaded, read or written; text goes in, values come out; what a text holds
raises nothing. Paths only tell the language. The grammars are loaded one by one when a file needs
them, so importing this room costs nothing. The first call for a language costs 5 to 30 ms.
"""

from codexspark_tui.syntax.brackets import is_closed
from codexspark_tui.syntax.comments import comments
from codexspark_tui.syntax.languages import LANGUAGES, Language, language_of
from codexspark_tui.syntax.model import Comment, Fault, Outline, Reference, Symbol
from codexspark_tui.syntax.newer import readings
from codexspark_tui.syntax.outline import faults, outline, references

__all__ = [
    "LANGUAGES",
    "Comment",
    "Fault",
    "Language",
    "Outline",
    "Reference",
    "Symbol",
    "comments",
    "faults",
    "is_closed",
    "language_of",
    "outline",
    "readings",
    "references",
]
