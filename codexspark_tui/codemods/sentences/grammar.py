"""The grammar: which sequences of words, names and paths are which codemod.

Each rule of `CODEMODS` must cover the whole sentence, so a clause that nothing here expresses
("only in tests", "and make it faster") leaves the sentence not understood. The language of the
rules is described in `match`; the captures are made into requests by `build`.
"""

from __future__ import annotations

from functools import cache

from codexspark_tui.codemods.sentences.match import Grammar, compile_grammar
from codexspark_tui.codemods.sentences.slots import SLOTS
from codexspark_tui.codemods.sentences.words import WORDS

CODEMODS = (
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
)

_PLACES = """
paths = path ([LISTED] path)*
path = [QUANT] [FILE] <path:path> [FILE]
    | [QUANT] <path:folder> FOLDER
    | FOLDER <path:folder>
everywhere = [","] EVERYWHERE
    | [","] ACROSS [QUANT] [WHOLE] PROJECT
    | [","] ACROSS QUANT [WHOLE] FILES
inpaths = [","] IN paths
    | [","] [IN] "(" [IN] paths ")"
atline = [","] AT <at:place>
    | [","] [AT] LINES <at:line> [OF path]
    | [","] IN path [","] [AT] LINES <at:line>
where = everywhere | inpaths | atline | paths
keeping = [","] KEEPING
"""

_SYMBOLS = """
kind = FUNCTION {kind=function} | CLASS {kind=class} | METHOD {kind=method}
    | VARIABLE {kind=variable} | ATTRIBUTE {kind=attribute}
ownerkind = CLASS | FUNCTION | METHOD | MODULE | PACKAGE
owner = ownerkind [NAMED] <owner:kname> | <owner:bname> ownerkind | <owner:owner>
taggedowner = ownerkind [NAMED] <owner:kname> | <owner:bname> ownerkind
symbol = kinded | <name:name> | SYMBOL <name:kname> | owned
kinded = [ADJ] kind [NAMED] <name:aname> | [ADJ] <name:bname> kind
owned = [ownerkind] <owner:name> "'s" [ADJ] (kind [NAMED] <name:aname> | <name:kname> [kind])
here = [","] OF owner | [","] OF "(" owner ")" | where
target = symbol here*
ahead = [QUANT] IN (owner | paths) [","] [":"] | IN path [","] [AT] LINES <at:line> [","] [":"]
    | [FILE] <path:path> ":"
"""


def _naming(rule: str, old: str, new: str, beside: str) -> str:
    """Everything that can be said to give a thing a new name."""
    return f"""
{rule} = {rule}_verb | {rule}_wish
{rule}_verb = RENAME ["from"] {old} AS {new} | RENAME {old} {beside}
    | CHANGE "name" "of" {old} ["from" <again:kname>] AS {new}
    | CHANGE {rule}_called ["from"] AS {new}
    | CHANGE {old} ("to" "be" "called" | "to" "be" "named") {new}
    | GIVE {old} [A] NEWLY {new}
    | GIVE {old} [A] NEWLY "of" {new}
    | CALL {old} {new} "instead"
    | "use" {new} "as" [A] NEWLY ("of" | "for") {old}
{rule}_wish = {old} "->" {new} | {old} SHOULD {new} ["instead"]
    | {old} SHOULD {new} "not" <again:kname>
"""


_NAMING = f"""
{_naming("renaming", "target", "newname", "<new:beside>")}
renaming_called = <name:name> "'s" "name"
    | [ADJ] kind "name" [NAMED] ["from"] <name:kname> here*
    | [ownerkind] <owner:name> "'s" [kind] <name:kname> [kind] "'s" "name"
    | kinded "'s" "name" here*
newname = [A] [NEWLY] <new:new>
rename = [ahead] renaming (where | taggedplace | keeping)*
taggedplace = [","] OF taggedowner
{_naming("remodule", "oldmodule", "newmodule", "newmodule")}
remodule_called = oldmodule "'s" "name" | MODULE "name" ["from"] <module:kname>
    | (MODULE | FILE) "name" ["from"] <module:pypath> | PACKAGE "name" ["from"] <module:kname>
oldmodule = (MODULE | PACKAGE) [NAMED] <module:kname> | <module:bname> (MODULE | PACKAGE)
    | [MODULE] [FILE] <module:pypath> [FILE | MODULE]
newmodule = [A] [NEWLY] [MODULE | PACKAGE] <new:kname> [MODULE | PACKAGE] | [A] [FILE] <new:pypath>
rename_module = remodule (everywhere | keeping)* | MOVE [FILE] <module:pypath> "to" <new:pypath>
"""

_MOVING = """
move = [moveahead] MOVE movable from* DEST dest (keeping | everywhere)*
    | MOVE movable dest paths*
    | MOVE movable DEST dest from*
    | movable SHOULD_MOVE dest
    | [moveahead] MOVE movable from* DEST dest [","] FROMPATH paths
moveahead = [","] (FROM | IN) (owner | paths) [","] [":"]
movable = [ADJ] mkind [NAMED] <name:aname> | [ADJ] <name:bname> mkind | <name:name>
mkind = FUNCTION {kind=function} | CLASS {kind=class} | VARIABLE {kind=variable}
from = [","] FROM (owner | paths) | atline | "(" [FROM] (owner | paths) ")"
dest = [A] [NEWISH] MODULE [NAMED] <to:kname> | <to:kname> MODULE | [FILE] <to:pypath> [FILE]
    | <to:modname> | FILE <to:pypath> | MODULE <to:pypath>
move_module = MOVE module modulefrom* DEST_MODULE package (keeping | everywhere)*
    | MOVE taggedmodule package (keeping | everywhere)*
    | MOVE <module:name> DEST_MODULE taggedpackage (keeping | everywhere)*
    | module SHOULD_MOVE package
    | module "->" {untagged=yes} <to:dirpath>
module = taggedmodule | <module:pypath>
taggedmodule = [WHOLE] (MODULE | PACKAGE) [NAMED] <module:kname>
    | [WHOLE] <module:kname> (MODULE | PACKAGE)
    | [WHOLE] [MODULE] FILE <module:pypath>
    | [WHOLE] MODULE <module:pypath>
    | [WHOLE] <module:pypath> (FILE | MODULE)
    | [WHOLE] PACKAGE <module:dirpath>
modulefrom = FROM [PACKAGE] <from:kname> [PACKAGE] | FROM [FOLDER] <from:dirpath> [FOLDER]
package = taggedpackage | <to:name> | <to:dirpath> | <to:pypath>
taggedpackage = PACKAGE [NAMED] <to:kname> | <to:kname> PACKAGE
    | (PACKAGE | FOLDER) <to:dirpath> | <to:dirpath> (PACKAGE | FOLDER)
"""

_LINES = """
extract = [extractahead] EXTRACT span INTO callable
    | EXTRACT span INTO callable IN path
    | EXTRACT span <name:kname>
    | [extractahead] (EXTRACT | MAKE) callable EXTRACT_FROM span
    | [extractahead] TURN span [INTO] callable
    | TURN span INTO callable IN path
    | EXTRACT callable IN path EXTRACT_FROM span
extractahead = [","] IN path [","] [":"]
span = [QUANT] between [[","] EXTRACT_OF path] | path [","] [":"] ["," | AT] between | <lines:span>
    | "(" between ")" [EXTRACT_OF path] | EXTRACT_OF path [","] between
between = [LINES] <lines:range> | LINES <first:line> THROUGH [LINES] <last:line>
    | "between" LINES <first:line> ("and" | "&") <last:line>
    | "from" LINES <first:line> THROUGH [LINES] <last:line> | LINES <only:line>
callable = [A] [NEW]* [CALLABLE] [NAMED] ["("] <name:kname> [")"] | [A] [NEW]* <name:kname> CALLABLE
inline = [ahead] INLINE [inlined] inlinable inlineafter*
    | INLINE "and" ("remove" | "delete" | "drop") inlinable inlineafter*
    | [ahead] REPLACE QUANT USES OFTO inlinable "with" ITS_BODY inlineafter*
inlined = QUANT [USES OFTO] | "calls" "to" | "uses" "of" | "usages" "of"
inlinable = target
inlineafter = where | GONE | [","] CALLERS | taggedplace | keeping
"""

_TIDYING = """
tidy = [tidyahead] acts tidyafter* | [tidyahead] WANT wanted tidyafter*
tidyahead = [QUANT] IN (paths | ALLFILES) [","] [":"] | paths [":"] | paths ","
    | ACROSS [WHOLE] PROJECT [","] [":"]
acts = act ([","] [AND] act)*
tidyafter = [","] TIDY_IN paths | [","] TIDY_IN (IT | ALLFILES) | [","] EVERYWHERE | everywhere
    | [","] TIDY_IN code | [","] "(" [TIDY_IN] paths ")" | IMPORTS_TOO | paths
act = unused | sorting | cleanup | modern | simple | formatted
object = IT | ALLFILES | [QUANT] code | ALLFILES TIDY_IN paths | paths | files
code = CODE [TIDY_IN (paths | ALLFILES | IT)] | CODE
files = [QUANT] FILE paths
importset = IMPORTS [TIDY_IN (paths | ALLFILES | IT | code)]
unused = {imports=yes} REMOVE [QUANT] UNUSED importset
    | {imports=yes} REMOVE [QUANT] IMPORTS NOTUSED
    | {imports=yes} REMOVE [QUANT] IMPORTS TIDY_IN paths NOTUSED
    | {imports=yes} REMOVE [QUANT] UNUSED IMPORTS {sort=yes} ["," ] AND SORT REST [ALPHA]
    | {sort=yes} SORT [QUANT] importset AND {imports=yes} REMOVE [QUANT] [UNUSED] ONES [NOTUSED]
    | {sort=yes} SORT AND {imports=yes} REMOVE [QUANT] UNUSED importset
    | {imports=yes} REMOVE UNUSED AND {sort=yes} SORT [QUANT] REST importset
    | {imports=yes} REMOVE [QUANT] UNUSED AND SORT {sort=yes} importset
    | {imports=yes} REMOVE [QUANT] UNUSED IMPORTS TIDY_IN paths {sort=yes} AND SORT REST [ALPHA]
sorting = {sort=yes} SORT [QUANT] importset [ALPHA]
    | {sort=yes} PUT [QUANT] IMPORTS [TIDY_IN paths] INORDER
cleanup = {imports=yes} {sort=yes} CLEANUP [QUANT] importset
modern = {modernise=yes} MODERNISE [object]
    | {modernise=yes} MODERNISE [OLD | QUANT] SYNTAX [TIDY_IN (paths | ALLFILES | IT | code)]
    | {modernise=yes} UPGRADE [QUANT] [OLD] SYNTAX [TIDY_IN (paths | ALLFILES | code)]
      ["to" [A] MODERN SYNTAX]
    | {modernise=yes} UPGRADE [object] "to" [A] ["use"] MODERN SYNTAX
    | {modernise=yes} UPGRADE object "up" "to" MODERN SYNTAX
    | {modernise=yes} REPLACE [QUANT] OLD SYNTAX ["with" [A] MODERN (SYNTAX | "ones" | EQUIVALENTS)]
    | {modernise=yes} USE MODERN SYNTAX
    | {modernise=yes} MAKE object "use" MODERN SYNTAX
    | {modernise=yes} PYUPGRADE
simple = {simplify=yes} SIMPLIFY [object] [POSSIBLE]
    | {simplify=yes} RUN [QUANT | A] SIMPLIFICATIONS [POSSIBLE]
formatted = {format=yes} FORMAT [object] [NICELY]
    | {format=yes} RUN [A] FORMATTER
    | {format=yes} FIX [QUANT] FORMATTING
wanted = {sort=yes} [QUANT] importset SORTED
    | {imports=yes} [QUANT] UNUSED IMPORTS REMOVED
    | {format=yes} object FORMATTED | {modernise=yes} object MODERNISED
    | {simplify=yes} object SIMPLIFIED
"""

_REPLACING = """
replace = [replaceahead] replacing replaceafter*
replacing = REPLACE [QUANT] [OCCURRENCES] <pattern:code> WITH [OCCURRENCES] <rewrite:code>
    | REWRITE [QUANT] [OCCURRENCES] <pattern:code> REWRITTEN [OCCURRENCES] <rewrite:code>
    | "substitute" <pattern:code> ("with" | "by") <rewrite:code>
    | SWAP [QUANT] [OCCURRENCES] <pattern:code> "for" <rewrite:code>
    | "substitute" <rewrite:code> "for" [QUANT] [OCCURRENCES] <pattern:code>
    | "use" <rewrite:code> INSTEAD [QUANT] [OCCURRENCES] <pattern:code>
    | REPLACE <pattern:code> <rewrite:code>
    | <pattern:code> "->" <rewrite:code>
replaceafter = everywhere | inpaths | language | paths
language = [","] LANG_IN [QUANT] [MY] <lang:lang> [LANGCODE] [[","] IN paths]
    | "(" [LANG_IN] <lang:lang> ")"
replaceahead = language [","] [":"] | [","] IN paths [","] [":"]
"""

_STUBS = """
docstrings = [stubahead] (docstubs) docplace
    | [stubahead] docstubs
    | (STUB) [QUANT] [MISSING] DOCSTRINGS docplace
    | docgive docstubs
docgive = GIVE (publics | paths)
docstubs = [ADD] [A] [QUANT] [MISSING] (EMPTY DOCSTRINGS | DOCSTRINGS STUBS)
docplace = FORTO stubfile | FORTO publics | FORTO publics WITHOUT | FORTO stubfile WITHOUT
publics = [QUANT] PUBLICS [WITHOUT] OF stubfile
stubfile = [QUANT] [FILE | MODULE] <path:path> [FILE | MODULE]
stubahead = [","] (IN | "for") stubfile [","] [":"]
tests = [stubahead] teststubs testplace [saved] | [stubahead] teststubs [saved]
    | STUB [A] [QUANT] [MISSING] TESTS testplace [saved]
    | teststubs saved testplace
teststubs = [ADD] [A] [QUANT] [MISSING] (EMPTY TESTS | TESTS STUBS | STUBS FOR_TESTS TESTS)
testplace = FORTO stubfile | FORTO publics
saved = SAVED [A] [FILE] <to:pypath>
"""

_GRAMMAR_WORDS = {
    "FROMPATH": "from",
    "SHOULD_MOVE": "should move to|should be moved to|should live in|should be in|belongs in|"
    "should be moved into|should go to|should go into|should go in|needs to move to|"
    "must be moved to|should move into|needs to be moved to|belongs to|needs to live in",
    "DEST_MODULE": "to|into|->|under|inside|in|over to|over into|below|beneath|so it lives in|"
    "to live in|so that it lives in|so that it is in|so that it is part of",
    "NEWISH": "new|existing|other",
    "EXTRACT_FROM": "from|out of|with|of|containing|using|for",
    "EXTRACT_OF": "of|in|from|inside|within|on|,|at",
    "ITS_BODY": "its body|its value|its definition|its contents|body|value|its expression",
    "WANT": "i want|i need|we want|we need|i'd like|i would like|get|have|i'd like to have|"
    "i want to have",
    "TIDY_IN": "in|of|from|on|under|within|inside|for|across|throughout|over|at|everywhere in|"
    "to|against|through|inside of|in all of|belonging to|at the top of|at top of",
    "IMPORTS_TOO": "as well|too",
    "PUT": "put|get|bring",
    "INORDER": "in order|into order|in alphabetical order|into alphabetical order|"
    "in right order|into right order|in proper order|in sorted order|in correct order",
    "EQUIVALENTS": "equivalents|equivalent|python equivalents|alternatives|counterparts|forms",
    "NICELY": "properly|nicely|consistently|automatically|with ruff|using ruff|with ruff format|"
    "cleanly|correctly|with formatter|using formatter",
    "REMOVED": "removed|gone|deleted|dropped|cleaned up|stripped|out",
    "FORMATTED": "formatted|reformatted|auto-formatted|autoformatted",
    "MODERNISED": "modernised|modernized",
    "SIMPLIFIED": "simplified",
    "REWRITTEN": "to|into|as|->|with|by",
    "INSTEAD": "instead of|in place of|rather than|for",
    "LANG_IN": "in|for|across|throughout|within|inside|using|of",
    "MY": "our|my|your",
    "SWAP": "swap|exchange|trade|swap out",
    "FOR_TESTS": "for|of",
}


@cache
def grammar() -> Grammar:
    """Compiled once, at the first sentence: importing this room costs nothing."""
    rules = _PLACES + _SYMBOLS + _NAMING + _MOVING + _LINES + _TIDYING + _REPLACING + _STUBS
    return compile_grammar(rules + _WHOLE, {**WORDS, **_GRAMMAR_WORDS}, SLOTS)


_WHOLE = "\n".join(f'say_{name} = ([","] LEAD [","])* {name} ([","] TRAIL)*' for name in CODEMODS)
