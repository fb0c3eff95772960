"""The grammar: which sequences of words, names and paths are which codemod.

Each rule of `CODEMODS` must cover the whole sentence, so a clause that nothing here expresses
("only in tests", "and make it faster") leaves the sentence not understood. The language of the
rules is described in `match`; the captures are made into requests by `build`.
"""

from __future__ import annotations

from functools import cache

from codexspark_tui.codemods.sentences.match import Grammar, compile_grammar, word_classes
from codexspark_tui.codemods.sentences.slots import SLOTS
from codexspark_tui.codemods.sentences.words import WORDS

_NAMES = [
    "rename",
    "rename_module",
    "move",
    "move_module",
    "extract",
    "inline",
    "tidy",
    "replace",
    "docstrings",
    "tests",
]

# The rules for whole sentences.
CODEMODS = tuple(f"say_{name}" for name in _NAMES)

_PLACES = """
paths = {list=yes} path ([LISTED] path)*
path = [QUANT] [FILE | MODULE] <path:path> ["file" | MODULE]
    | [QUANT] <path:folder> FOLDER
    | FOLDER <path:folder>
pathlabel = [FILE] <path:path> ":" ([","] LEAD [","])*
everywhere = [","] [AND] EVERYWHERE
    | [","] [AND] WHEREVER ("it" | "they") (IS MENTIONED | APPEARS)
    | [","] ACROSS [QUANT] [WHOLE] PROJECT
    | [","] ACROSS QUANT [WHOLE] FILES
inpaths = [","] IN paths [","]
    | [","] [IN] "(" [IN] paths ")"
atline = [","] AT <at:place> | "(" [AT] <at:place> ")"
    | [","] [AT] LINES <at:line> [OF path]
    | [","] IN path [","] [AT] LINES <at:line>
where = everywhere | inpaths | atline | paths
keeping = [","] [AND] FIXUP [QUANT] [ITS] USERS [OFIT]
    | [","] INCLUDING [QUANT] [ITS] USERS [OFIT]
    | [","] ([AND] FIXUP | INCLUDING) [QUANT] WHATEVER USING
"""

_SYMBOLS = """
kind = FUNCTION {kind=function} | CLASS {kind=class} | METHOD {kind=method}
    | VARIABLE {kind=variable} | ATTRIBUTE {kind=attribute}
ownerkind = CLASS | FUNCTION | METHOD | MODULE | PACKAGE
owner = ownerkind [NAMED] <owner:kname> | <owner:bname> ownerkind | <owner:owner>
taggedowner = <owner:called> | ownerkind [NAMED] <owner:kname> | <owner:bname> ownerkind
symbol = kinded | <name:name> "(" [A] kind [IN (owner | paths)] ")" | <name:name>
    | SYMBOL <name:kname> | owned
kinded = [ADJ] kind [NAMED] <name:aname> | [ADJ] <name:bname> kind
owned = [FILE] <path:path> "'s" kinded
    | [ownerkind] <owner:name> "'s" [ADJ] (kind [NAMED] <name:aname> | <name:kname> [kind])
here = [","] OF owner | [","] "(" [OF] owner ")" | where
uses = QUANT [USES OFTO] | USES OFTO
target = [uses] symbol here* | QUANT symbol USES here*
ahead = [QUANT] IN (owner | paths) [","] [":"] | IN path [","] [AT] LINES <at:line> [","] [":"]
    | [FILE] <path:path> ":" | <at:place> ":" | everywhere [","]
"""


def _naming(rule: str, old: str, new: str, beside: str) -> str:
    """Everything that can be said to give a thing a new name."""
    return f"""
{rule} = {rule}_verb | {rule}_wish
{rule}_verb = RENAME ["from"] {old} AS {new} | RENAME {old} {beside}
    | CHANGE "name" "of" {old} ["from" <again:kname>] AS {new}
    | CHANGE {rule}_called ["from"] AS {new}
    | CHANGE {old} ("to" "be" "called" | "to" "be" "named") {new}
    | GIVE {old} [A] NEWLY [","] [":"] {new}
    | MAKE {old} "be" ("called" | "named") {new}
    | CHANGE SYMBOL {old} AS {new} | REPLACE SYMBOL {old} ("by" | "with") {new}
    | FIND {old} "and" RENAME "it" AS {new} | RATHER CALL {old} {new}
    | GIVE {old} [A] NEWLY "of" {new}
    | CALL {old} {new} ("instead" | "from" "now" "on")
    | PREFER {new} "as" [A] NEWLY ("of" | "for") {old}
{rule}_wish = {old} "->" {new} | {old} ":" RENAME AS {new} | {old} should {new} ["instead"]
    | {old} should {new} "not" <again:kname>
    | "name" "of" {old} MODAL "be" {new}
    | {old} NEEDS [A] NEWLY [","] [":"] {new}
"""


_NAMING = f"""
{_naming("renaming", "target", "newname", "<new:beside>")}
should = SHOULD | MODAL "be" NAMING | MODAL "become"
renaming_called = "name" "of" kind "from" <name:aname> | <name:name> "'s" "name" | owned "name"
    | [ADJ] kind "name" [NAMED] ["from"] <name:kname> here*
    | [ownerkind] <owner:name> "'s" [kind] <name:kname> [kind] "'s" "name"
    | kinded "'s" "name" here* | kind "'s" "name" ["from"] <name:aname>
newname = [[A] NEWLY] <new:new>
rename = [ahead] renaming (where | taggedplace | keeping)*
taggedplace = [","] OF taggedowner
{_naming("remodule", "oldmodule", "newmodule", "newmodule")}
remodule_called = oldmodule "'s" "name" | MODULE "name" ["from"] <module:kname>
    | (MODULE | FILE) "name" ["from"] <module:pypath> | PACKAGE "name" ["from"] <module:kname>
oldmodule = (MODULE | PACKAGE) [NAMED] <module:kname> | <module:bname> (MODULE | PACKAGE)
    | [MODULE] [FILE] [NAMED] <module:pypath> [FILE | MODULE] | FILE "from" <module:pypath>
    | MODULE IN <module:pypath>
    | <module:kname> "(" [A] (MODULE | PACKAGE) ")"
newmodule = [[A] NEWLY] [MODULE | PACKAGE] <new:kname> [MODULE | PACKAGE]
    | [A] [FILE] <new:pypath>
rename_module = remodule (everywhere | keeping)*
    | MOVE [FILE] <module:pypath> ["to" | "->"] <new:pypath>
"""

_MOVING = """
moving = MOVE | PUTTING {weak=yes}
move = [moveahead] moving movable from* DEST dest (keeping | everywhere)*
    | moving movable dest paths*
    | moving movable DEST dest from*
    | movable from* "->" (MODULE <to:kname> | <to:kname> MODULE)
    | movable from* (SHOULD_MOVE | MODAL GO) dest | WANT movable from* MOVED dest
    | [moveahead] moving movable from* DEST dest [","] FROMPATH paths
moveahead = [","] (FROM | IN) (owner | paths) [","] [":"]
movable = [ADJ] mkind [NAMED] <name:aname> | [ADJ] <name:bname> mkind | <name:movable>
mkind = FUNCTION {kind=function} | CLASS {kind=class} | VARIABLE {kind=variable}
from = [","] FROM (owner | paths) [","] | paths | atline | "(" [FROM] (owner | paths) ")"
dest = [A] [NEWISH] MODULE [NAMED] <to:kname> | <to:kname> MODULE | [FILE] <to:pypath> [FILE]
    | <to:modname> | FILE <to:pypath> | MODULE <to:pypath>
move_module = moving module modulefrom* DEST_MODULE package (keeping | everywhere)*
    | moving <module:pypath> <to:dirpath>
    | moving taggedmodule package (keeping | everywhere)*
    | moving <module:name> DEST_MODULE taggedpackage (keeping | everywhere)*
    | module (SHOULD_MOVE | MODAL GO) package
    | module "->" <to:dirpath> | taggedmodule "->" {dotted=yes} <to:kname>
module = taggedmodule | <module:pypath>
taggedmodule = [WHOLE] (MODULE | PACKAGE) [NAMED] <module:kname>
    | [WHOLE] <module:kname> (MODULE | PACKAGE)
    | [WHOLE] [MODULE] FILE <module:pypath> | <module:bname> "(" [A] (MODULE | PACKAGE) ")"
    | [WHOLE] MODULE <module:pypath>
    | [WHOLE] <module:pypath> (FILE | MODULE)
    | [WHOLE] PACKAGE <module:dirpath>
modulefrom = FROM [PACKAGE] <from:kname> [PACKAGE] | FROM [FOLDER] <from:dirpath> [FOLDER]
package = taggedpackage | <to:name> | <to:dirpath> | <to:pypath>
taggedpackage = PACKAGE [NAMED] <to:kname> | <to:kname> PACKAGE
    | (PACKAGE | FOLDER) <to:dirpath> | <to:dirpath> (PACKAGE | FOLDER)
"""

_LINES = """
extract = [extractahead] EXTRACT span [","] INTO callable
    | EXTRACT span "and" MAKE callable EXTRACT_FROM ("them" | "it" | "these" | "those")
    | EXTRACT [A] [NEW]* CALLABLE EXTRACT_FROM span "and" CALL ("it" | "that") <name:kname>
    | EXTRACT span INTO callable IN path
    | EXTRACT span <name:kname>
    | [extractahead] (EXTRACT | MAKE) callable EXTRACT_FROM span
    | tagged EXTRACT_FROM span | span [":"] EXTRACT INTO callable
    | [extractahead] TURN span tagged | [extractahead] TURN span INTO callable
    | TURN span INTO callable IN path
    | EXTRACT callable IN path EXTRACT_FROM span
    | WANT span EXTRACTED tagged | span SHOULD_EXTRACT tagged
    | span "->" callable
extractahead = [","] IN path [","] [":"]
span = [QUANT] between [[","] EXTRACT_OF path] | path [","] [":"] ["," | AT] between
    | <lines:span>
    | CHUNK ["on" | "in" | "at" | "from"] <lines:span>
    | "(" between ")" [EXTRACT_OF path] | between "(" [EXTRACT_OF] path ")"
    | EXTRACT_OF path [","] between
between = CHUNK ["on" | "in" | "at" | "from"] stretch | stretch
stretch = [LINES] <lines:range> | LINES <first:line> THROUGH [LINES] <last:line>
    | "between" LINES <first:line> ("and" | "&") <last:line>
    | "from" LINES <first:line> THROUGH [LINES] <last:line> | LINES <only:line>
callable = tagged | [NEW]* [NAMED] <name:name>
tagged = [A] [NEW]* CALLABLE [NAMED] ["("] <name:kname> [")"] | [A] [NEW]* <name:kname> CALLABLE
inline = [ahead] INLINE [BODY] inlinable inlineafter*
    | INLINE "and" ("remove" | "delete" | "drop") inlinable inlineafter*
    | REMOVE inlinable "by" "inlining" "it"
    | [ahead] REPLACE QUANT USES OFTO inlinable "with" ITS_BODY inlineafter*
inlinable = target
gone = [","] AND REMOVE ("it" | [ITS] DEFINITION)
inlineafter = where | gone | [","] ("into" | "at" | "in") [QUANT] [ITS] ["only"]
      (USERS | "of" "its" USERS)
    | [","] "into" [QUANT] WHATEVER USING | taggedplace | keeping
"""

_TIDYING = """
tidy = [tidyahead] acts tidyafter*
tidyahead = [QUANT] TIDY_IN (paths | ALLFILES) [","] [":"] | paths (":" | ",")
    | ACROSS [WHOLE] PROJECT [","] [":"] | everywhere [","]
acts = act ([","] [AND] act)*
tidyafter = [","] TIDY_IN paths | [","] TIDY_IN (it | whole) | everywhere
    | [","] "(" [TIDY_IN] paths ")" | IMPORTS_TOO | paths
whole = ALLFILES | [WHOLE] PROJECT | [QUANT] CODE
it = {it=yes} IT
object = it | {object=yes} whole [TIDY_IN (paths | ALLFILES | it)] | paths | whose CODE
whose = "its" | "their" | ALLFILES "'s" | [WHOLE] PROJECT "'s" | paths "'s"
scope = TIDY_IN (paths | whole | it)
act = tidying [everywhere]
tidying = unused | sorting | cleanup | modern | simple | formatted
importset = [QUANT] [whose] IMPORTS | [whose] [QUANT] IMPORTS
notused = [THAT] ARENT USED [ANYWHERE] | [THAT] ("are" | "is") UNUSED [ANYWHERE]
    | [THAT] WE DONT NEED [ANYWHERE] | [THAT] NOBODY [DONT] NEED [ANYWHERE]
unused = {imports=yes} REMOVE [QUANT] [whose] UNUSED IMPORTS [scope] ["out"]
    | {imports=yes} REMOVE [QUANT] IMPORTS [THAT] paths DOESNT_USE
    | {imports=yes} REMOVE importset [scope] notused [scope]
    | {imports=yes} FIND [QUANT] UNUSED IMPORTS [scope] AND REMOVE "them"
    | {imports=yes} {ones=yes} REMOVE [QUANT] (UNUSED ONES | ONES notused | UNUSED)
    | {imports=yes} "after" REMOVE [QUANT] UNUSED ONES
    | {imports=yes} UNUSED IMPORTS [scope] ":" REMOVE ("them" | "all")
    | {imports=yes} paths HAS UNUSED IMPORTS [","] [":"] [AND] REMOVE "them"
    | {imports=yes} {sort=yes} (SORT AND REMOVE | REMOVE AND SORT) [QUANT] UNUSED IMPORTS [scope]
    | {imports=yes} {sort=yes} REMOVE [QUANT] UNUSED AND SORT [QUANT] [REST] IMPORTS [scope]
    | {imports=yes} {sort=yes} IMPORTS [scope] ":" (REMOVE UNUSED [ONES] AND SORT [REST]
      | SORT AND REMOVE UNUSED [ONES])
sorting = {sort=yes} SORT importset [scope] [ALPHA]
    | {sort=yes} {rest=yes} SORT [QUANT] REST ["of" IMPORTS] [ALPHA]
    | {sort=yes} {rest=yes} PUT REST INORDER
    | {sort=yes} PUT importset [scope] INORDER
    | {sort=yes} (WANT | PUT | MAKE) importset [scope] SORTED
    | {sort=yes} importset [scope] SHOULD_BE SORTED
    | {sort=yes} (FIX | SORT) IMPORTORDER [scope]
cleanup = {imports=yes} {sort=yes} CLEANUP importset ["up"] [scope]
    | {imports=yes} {sort=yes} {format=yes} CLEANUP importset AND FORMATTING [scope]
modern = {modernise=yes} MODERNISE [object | OLD [CODE]]
    | {modernise=yes} MODERNISE [whose] [OLD | QUANT] STYLE [scope]
    | {modernise=yes} UPGRADE [QUANT] [whose] [OLD] SYNTAX [scope] ["to" [A] MODERN STYLE]
    | {modernise=yes} UPGRADE [object] ("to" | "in" | "into") [A] ["use"] MODERN STYLE
    | {modernise=yes} UPGRADE object "up" "to" ["date" "with"] MODERN STYLE
    | {modernise=yes} REPLACE [QUANT] OLD SYNTAX [scope]
      ["with" [A] MODERN (STYLE | EQUIVALENTS)]
    | {modernise=yes} USE MODERN STYLE | {modernise=yes} PYUPGRADE
    | {modernise=yes} (MAKE | WANT) object "use" MODERN STYLE
    | {modernise=yes} object MODAL "use" MODERN STYLE
    | {modernise=yes} MAKE object "modern"
simple = {simplify=yes} SIMPLIFY [object] [POSSIBLE]
    | {simplify=yes} RUN [QUANT | A] SIMPLIFICATIONS [POSSIBLE]
    | {simplify=yes} MAKE object "simpler"
formatted = {format=yes} FORMAT [object] [NICELY]
    | {format=yes} RUN [A] FORMATTER | {format=yes} FIX [QUANT] [whose] FORMATTING
    | {format=yes} MAKE FORMATTING [scope] "consistent"
"""

_REPLACING = """
replace = [replaceahead] replacing replaceafter*
replacing = REPLACE [language [":"]] [QUANT] [OCCURRENCES] <pattern:code> [inpaths | language]
      WITH [OCCURRENCES] <rewrite:code>
    | REWRITE [QUANT] [OCCURRENCES] <pattern:code> REWRITTEN [OCCURRENCES] <rewrite:code>
    | "substitute" <pattern:code> ("with" | "by") <rewrite:code>
    | SWAP [QUANT] [OCCURRENCES] <pattern:code> "for" <rewrite:code>
    | "substitute" <rewrite:code> "for" [QUANT] [OCCURRENCES] <pattern:code>
    | "use" <rewrite:code> INSTEAD [QUANT] [OCCURRENCES] <pattern:code>
    | REPLACE <pattern:code> <rewrite:code>
    | <pattern:code> ("->" | MODAL ("be" | "become")) <rewrite:code>
replaceafter = everywhere | inpaths | language | paths
language = [","] LANG_IN [QUANT] [MY] <lang:lang> [LANGCODE] [[","] IN paths]
    | "(" [LANG_IN] <lang:lang> ")"
replaceahead = everywhere [","] | <lang:lang> ":" | paths ":" | language [","] [":"]
    | [","] IN paths [","] [":"]
"""

_STUBS = """
docstrings = [stubahead] (docstubs) [WITHOUT] docplace
    | [stubahead] docstubs
    | (STUB) [QUANT] [MISSING] DOCSTRINGS docplace
    | stubfile NEEDS docstubs | docgive docstubs | FILL (stubfile | publics) "with" docstubs
docgive = GIVE (publics | paths)
docstubs = [ADD | WANT] [A] [QUANT] [MISSING] (EMPTY DOCSTRINGS | DOCSTRINGS STUBS)
    | ADD [QUANT] [MISSING] DOCSTRINGS
docplace = stubfile | FORTO stubfile ["for" [QUANT] PUBLICS WITHOUT] | FORTO publics
    | FORTO publics WITHOUT | FORTO stubfile WITHOUT
publics = [QUANT] PUBLICS [WITHOUT] OF stubfile
stubfile = [QUANT] [FILE | MODULE] <path:path> [FILE | MODULE]
stubahead = stubfile ":" | [","] (IN | "for") stubfile [","] [":"]
tests = stubahead STUB [QUANT] TESTS [saved] | [stubahead] teststubs [saved]
    | [stubahead] teststubs [<to:pypath>] testplace [saved]
    | STUB [A] [QUANT] [MISSING] TESTS testplace [saved]
    | teststubs saved testplace | stubfile NEEDS teststubs [saved]
    | SAVED [A] [FILE] <to:pypath> [","] teststubs testplace
teststubs = [ADD | WANT] [A] [QUANT] [MISSING]
      (EMPTY TESTS | TESTS ["with"] STUBS | STUBS FOR_TESTS [A] TESTS)
testplace = FORTO stubfile | FORTO publics
saved = SAVED [A] [FILE] <to:pypath>
"""


@cache
def the_grammar() -> Grammar:
    """Compiled once, at the first sentence: importing this room costs nothing."""
    rules = _PLACES + _SYMBOLS + _NAMING + _MOVING + _LINES + _TIDYING + _REPLACING + _STUBS
    return compile_grammar(rules + _WHOLE, word_classes(WORDS), SLOTS)


_WHOLE = "\n".join(
    f'say_{name} = ([","] LEAD [","])* [pathlabel] {name} ([","] TRAIL)*' for name in _NAMES
)
