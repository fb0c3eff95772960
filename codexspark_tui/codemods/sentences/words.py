"""The words of the grammar, by class: phrases separated by `|`, lower case, without articles.

Articles ("the", "my", "our") and "please" never reach the grammar. A word belongs here when it
means the same in every rule that uses its class.
"""

from __future__ import annotations

WORDS = {
    # Politeness before and after the request.
    "LEAD": "can you|could you|would you|will you|can we|could we|can u|shall we|we should|"
    "we need to|we must|we want to|i want to|i want you to|i need to|i need you to|i 'd like to|"
    "i'd like to|i'd like you to|i would like to|i would like you to|i'd love to|i wanna|"
    "let 's|lets|go ahead and|go and|hey|hi|hello|ok|okay|now|just|also|and|so|next|first|then|"
    "help me|help me to|try to|you should|you can|you could|time to|quickly|simply|hey spark|"
    "spark|todo|would you be so kind as to|be so kind as to|be so kind and|do me a favour and|"
    "do me a favor and|i think we should|i would love to|make sure to|remember to|need to|"
    "want to|you need to|you must",
    "TRAIL": "thanks|thank you|thx|cheers|for me|now|right now|ok|okay|for us|today|asap|"
    "thanks a lot|many thanks|thank you very much|if you would|if you please|would you|"
    "will you|could you|can you",
    # Small words.
    "A": "a|an|one|its own|their own|it's own|some",
    "QUANT": "all|every|each|any|all of|every single|any of|each of|all those|all these|those",
    "AND": "and|then|and then|and also|&|+|plus|, and|, then|, and then|, and also|as well as|"
    "and afterwards|and finally|and next|; then|;|; and",
    "LISTED": "and|,|&|, and|+|plus|as well as|and also",
    "TO": "to|into|->|to be|as|to be called|to be named|with|onto",
    "AS": "to|into|as|->|to be|to be called|to be named|so it is called|so that it is called|"
    "so it's called|so that it's called|and call it|and name it|= >|>",
    "DEST": "to|into|->|in|inside|over to|over into|across to|to live in|and into|and put it in|"
    "and put it into|so it lives in|so that it lives in|under|onto",
    "IN": "in|inside|within|from|of|under|on|for|at|inside of|defined in|that is defined in|"
    "which is defined in|that's defined in|that lives in|which lives in|living in|found in|"
    "located in|declared in|across|throughout|over|everywhere in|in all of|that is in|"
    "which is in|that's in",
    "FROM": "from|out of|in|of|inside|defined in|that is defined in|which is defined in|"
    "currently in|that lives in|which lives in|that is in|which is in",
    "OF": "of|in|from|inside|within|on",
    "AT": "at|on|in|from",
    "FILE": "file|files|script|scripts|path|paths|source file|python file|source files",
    "FOLDER": "folder|folders|directory|directories|dir|dirs|tree|subfolder|subdirectory",
    "MODULE": "module|python module|mod|submodule",
    "PACKAGE": "package|python package|pkg|subpackage|sub-package|packages",
    "EVERYWHERE": "everywhere|globally|project-wide|project wide|repo-wide|codebase-wide|"
    "everywhere it is used|wherever it is used|wherever it's used|everywhere it's used|"
    "everywhere it appears|wherever it appears|at all call sites|in all places|"
    "in all places it is used|in all its uses|all over|all over place|throughout",
    "ACROSS": "across|throughout|in|over|for|through|all over|on|of|everywhere in|from|"
    "everywhere across",
    "WHOLE": "whole|entire|full|complete|all of|this whole|this entire|this|all|current|all this",
    "PROJECT": "project|codebase|code base|repo|repository|source tree|code|tree|program|"
    "application|code-base|source code|sources",
    "FILES": "files|file|python files|source files|modules|.py files|*.py files|py files|"
    "of files|of python files|python code|python|scripts|packages|tests and sources|"
    "python sources|python modules",
    # Kinds.
    "FUNCTION": "function|func|fn|def|helper|helper function|routine|subroutine|procedure",
    "CLASS": "class|type|dataclass|exception|exception class|enum|protocol",
    "METHOD": "method|member function|static method|class method|instance method|property|"
    "staticmethod|classmethod",
    "VARIABLE": "variable|var|constant|const|parameter|argument|param|arg|keyword argument|"
    "loop variable|temp variable|temporary variable|temporary|local|global|setting|"
    "function argument|function parameter",
    "ATTRIBUTE": "attribute|field|instance variable|class variable|member variable|member|"
    "instance attribute|class attribute|data member",
    "ADJ": "local|global|public|private|top-level|toplevel|module-level|async|internal|existing|"
    "old|current|little|small|tiny|nested|abstract|top level|module level",
    "NAMED": "named|called|with name|known as|whose name is|,",
    "SYMBOL": "symbol|identifier|name|thing",
    # Renaming.
    "RENAME": "rename|re-name|rename symbol",
    "CHANGE": "change|update|switch|alter",
    "GIVE": "give",
    "CALL": "call|name",
    "SHOULD": "should be called|should be named|should be renamed to|should be renamed|must be called|"
    "needs to be called|needs to be renamed to|ought to be called|must be renamed to|"
    "should become|should now be called|should be renamed as|has to be called|is now called|"
    "needs to be named|should really be called|shall be called|shall be renamed to|becomes|"
    "should be renamed into|to be renamed to|must be named|needs renaming to|could be called",
    "NEWLY": "new name|name|new|newly named",
    # Moving.
    "MOVE": "move|relocate|transfer|shift|bring",
    "KEEPING": "and update imports|and fix imports|and update all imports|and fix all imports|"
    "and update references|and update all references|and update callers|and update all callers|"
    "and update its callers|and update all its callers|and all references|and its references|"
    "and all its references|and all references to it|and update all usages|and update usages|"
    "and update its usages|and update all uses|and update uses|and update its uses|"
    "and all its uses|and all uses|and all usages|and all its usages|and all its callers|"
    "and adjust imports|and adjust all imports|and update everything that uses it|"
    "and everything that uses it|and all imports of it|and update imports everywhere|"
    "and update all call sites|and fix all references|and fix references|and fix callers|"
    "and fix all callers|, updating imports|, updating all references|, updating references|"
    "updating all references|updating references|updating imports|updating all imports|"
    ", updating all imports|and update every import|, including all references|"
    "including all references|, including all uses|including all uses|and every use of it|"
    "and all of its uses|and update every reference|and every reference to it|"
    "and all calls to it|and update all calls|and update calls|and update references to it|"
    "and update all references to it|and adapt imports|and adapt all imports|"
    "and update all usages of it|along with all its uses|along with all references|"
    "with all its references|with all references|together with all its uses|and its callers|"
    ", update all references|, update references|, fix imports|, update imports|"
    "and update importers|and update its imports|and fix up imports|and fix up all imports|"
    "including imports|, including imports",
    # Extracting.
    "EXTRACT": "extract|pull out|pull|factor out|factor|break out|split out|split off|separate|"
    "move|lift|lift out|hoist|take|refactor|put|wrap|cut|cut out|carve out|isolate|outline|take out",
    "MAKE": "make|create|build|define|add|form",
    "TURN": "turn|make|convert|refactor|transform|change|promote|put|wrap",
    "LINES": "lines|line|l|rows|ll|ln|code on lines|code in lines|code at lines|code from lines|"
    "block at lines|block on lines|code between lines|statements on lines|block in lines|"
    "block from lines|statements in lines|block of lines",
    "THROUGH": "to|through|-|–|till|until|thru|up to|up to and including|..|—",
    "INTO": "into|to|as|in|->|out into|out to|off into|out as|and call it|and name it|"
    "and call result|and make it|, call it|, name it|and put it into|and put them into|"
    "and put them in|and put it in|,",
    "NEW": "new|separate|own|small|little|dedicated|standalone|stand-alone|single|private|"
    "reusable|extra|brand new",
    "CALLABLE": "function|method|helper|helper function|helper method|func|fn|def|routine|"
    "subroutine|utility function",
    # Inlining.
    "INLINE": "inline|in-line",
    "USES": "uses|use|calls|call|usages|usage|occurrences|occurrence|call sites|references|"
    "reference|invocations|invocation",
    "OFTO": "of|to",
    "GONE": "and remove it|and delete it|and drop it|and remove definition|and then remove it|"
    "and delete definition|and then delete it|and get rid of it|and remove its definition|"
    "and delete its definition|and remove function|and drop definition|and then drop it|"
    "and delete function|and remove variable|and delete variable|, then remove it|"
    ", then delete it|and get rid of definition|and throw it away|and remove original|"
    "and delete original",
    "CALLERS": "into its callers|into all its callers|into callers|into all callers|"
    "into its call sites|into call sites|into all call sites|at its call sites|"
    "at every call site|into its uses|at its uses|where it is used|where it's used|"
    "into its usages|into all its call sites|into every caller|in its callers|in all callers|"
    "into places that use it|into its only caller|at call sites|at each call site|"
    "into all its uses|at every use|everywhere it's called|everywhere it is called|"
    "wherever it is called|where it is called|wherever it's called|into every call site",
    # Tidying.
    "REMOVE": "remove|delete|drop|strip|prune|get rid of|clean out|clean up|clear out|clear|"
    "eliminate|kill|purge|cut|throw out|throw away|discard|take out|strip out|weed out|clean|"
    "rip out|nuke|trim|sweep out|dump",
    "UNUSED": "unused|unneeded|unnecessary|redundant|dead|superfluous|unreferenced|needless|stale",
    "IMPORTS": "imports|import|import statements|import lines|python imports|import statement|"
    "module imports",
    "NOTUSED": "that are not used|that are unused|that aren't used|that nothing uses|"
    "which are not used|which are unused|that are never used|that are no longer used|"
    "that nobody uses|not used|which aren't used|no longer used|that are not needed|"
    "that aren't needed|that are no longer needed|no longer needed|not needed|"
    "that we don't use|we don't use|which nothing uses|never used|that are not used anywhere|"
    "that aren't used anywhere|that we no longer use|we no longer use|which are never used|"
    "that isn't used|that is not used|that is never used|that is unused|that i don't use|"
    "i don't use|that aren't being used|that are not being used|which are no longer used|"
    "that we do not use|that are never referenced",
    "ONES": "ones|imports",
    "SORT": "sort|organise|organize|order|re-sort|resort|reorder|re-order|alphabetise|alphabetize|"
    "arrange|rearrange",
    "SORTED": "sorted|ordered|organised|organized|alphabetised|alphabetized|in order|sorted out|"
    "in alphabetical order",
    "ALPHA": "alphabetically|in order|into order|properly|in alphabetical order|by name|"
    "into alphabetical order|a-z|the usual way",
    "REST": "rest|remaining ones|them|remaining imports|remaining|others|what is left|"
    "what's left|what remains|ones that remain|whatever is left|ones that are left",
    "CLEANUP": "clean up|clean|tidy|tidy up|cleanup|clean-up|optimise|optimize|neaten|neaten up",
    "MODERNISE": "modernise|modernize|modernise up",
    "UPGRADE": "upgrade|update|modernise|modernize|refresh|convert|bring|port|migrate|move",
    "OLD": "old|outdated|old-style|old style|legacy|old-fashioned|dated|deprecated|obsolete|"
    "ancient|pre-modern",
    "MODERN": "modern|newer|current|up-to-date|contemporary|more modern|new|up to date|new-style|"
    "latest",
    "SYNTAX": "syntax|python syntax|idioms|python idioms|python|python constructs|constructs|"
    "python code|syntax and idioms|language features|python features|syntax constructs|"
    "python style|python versions of syntax",
    "USE": "use|switch to|adopt|apply|move to|convert to|upgrade to|update to|switch over to",
    "PYUPGRADE": "run pyupgrade|apply pyupgrade|do modernisation|run modernisation|"
    "apply modernisations|apply modernizations|run modernise|run modernize|apply pyupgrade fixes|"
    "apply pyupgrade rules|run modernizer|run moderniser|run pyupgrade fixes|pyupgrade",
    "SIMPLIFY": "simplify",
    "SIMPLIFICATIONS": "simplifications|simplification|simplify|simplify rules|"
    "simplification rules|code simplifications|simplification fixes|simplify fixes|"
    "automatic simplifications|simplifier|safe simplifications",
    "RUN": "run|apply|do|perform|make|execute|use|carry out|make use of",
    "POSSIBLE": "where possible|wherever possible|wherever you can|where you can|"
    "where it can be simplified|when possible|where it is possible|as far as possible|"
    "wherever it can be simplified",
    "FORMAT": "format|reformat|auto-format|autoformat|re-format|auto format|pretty-print|"
    "prettify|ruff format|beautify",
    "FORMATTING": "formatting|code formatting|format|code format|layout|code layout|"
    "source formatting|code style formatting",
    "FIX": "fix|correct|repair|clean up|tidy up|tidy|sort out|normalise|normalize|fix up|redo",
    "FORMATTER": "formatter|code formatter|ruff format|ruff formatter|auto-formatter|"
    "autoformatter|formatting|code formatting|auto formatter|python formatter|formatter tool|"
    "auto-formatting|format",
    "CODE": "code|source|sources|source code|python code|all code|all of code|python|"
    "python source|contents|python sources|program",
    "ALLFILES": "everything|all files|every file|whole project|entire project|codebase|project|"
    "whole codebase|entire codebase|repo|repository|whole repo|entire repo|whole repository|"
    "entire repository|all python files|code base|whole thing|all source files|all modules|"
    "python files|files|every python file|all of files|whole code base|entire code base|"
    "every module|each file|all sources|all|entire project's code|source tree|all of it|"
    "whole lot|all py files|all .py files|each python file|complete project|every source file|"
    "whole source tree|all my files",
    "IT": "it|them|that|both|result|those|those files|both files|that file|same file|same files|"
    "this file|them both|both of them",
    # Structural replace.
    "REPLACE": "replace|swap|swap out|exchange|search and replace|find and replace|"
    "search for|find|structurally replace|search|look for",
    "REWRITE": "change|rewrite|convert|turn|transform|update|migrate|replace|switch|rename|refactor",
    "WITH": "with|by|->|and replace it with|and replace them with|and replace by|"
    "and replace with|, replace with|, replace it with|and substitute|and put|and use|"
    "and replace each with|, replace them with|and replace each by|and turn it into|"
    "and replace them by|and replace it by|and swap in|and rewrite it as|and change it to|"
    "and turn them into|, replacing it with|, replacing with|and change them to|"
    "and rewrite them as|and make it|replacing it with",
    "OCCURRENCES": "occurrences of|calls to|calls of|uses of|usages of|instances of|"
    "occurrence of|call to|use of|instance of|calls|call|occurrences|usage of|"
    "appearances of|matches of|pattern|expression|code|expressions|expressions like|"
    "calls like|code like|matches for|statements like|patterns|things like|calls matching|"
    "code matching|expressions matching|matching",
    "LANGCODE": "code|files|source|file|sources|source files|source code|scripts|modules|"
    "codebase|project|language|programs|syntax",
    # Docstrings and tests.
    "ADD": "add|create|generate|insert|write|make|put|give me|produce|put in|place|build|draft|"
    "set up|prepare|provide|lay out|lay down|spit out|emit|drop|stick|include|bootstrap|start",
    "STUB": "stub|stub out|scaffold|scaffold out|skeleton|template|sketch out|sketch|outline|"
    "add stubs for|generate stubs for|create stubs for|create skeletons for|add skeletons for|"
    "generate skeletons for|write stubs for|write skeletons for|bootstrap stubs for|"
    "make stubs for|make skeletons for|create scaffolding for|generate scaffolding for|"
    "stub in|make a skeleton of|create a skeleton of|generate a skeleton of|"
    "create placeholders for|add placeholders for",
    "STUBS": "stubs|stub|skeletons|skeleton|placeholders|placeholder|templates|template|"
    "scaffolding|scaffold|scaffolds|boilerplate|outlines|outline|stub file|skeleton file|shells|"
    "shell|template file|scaffolding file|boilerplate file|frame|frames|blanks",
    "EMPTY": "stub|skeleton|empty|placeholder|blank|template|boilerplate|dummy|todo|stubbed|"
    "bare|scaffolded|skeletal|stubbed-out|bare-bones|barebones",
    "MISSING": "missing|new|basic|simple|minimal|basic missing|initial|bare|quick",
    "DOCSTRINGS": "docstrings|docstring|doc-strings|doc strings|doc-string|doc string|"
    "documentation strings|documentation string|docs strings",
    "TESTS": "tests|test|unit tests|unit test|pytest|pytest tests|pytest test|test cases|"
    "test case|test functions|test function|unittest|test file|test module|pytest file|"
    "pytest unit tests|tests file|pytest unit test|test suite|unit test file|pytest test file|"
    "pytest functions|py.test|unit-test|pytest module|pytest cases",
    "FORTO": "for|of|to|in|into|from|on|against|inside|covering|based on|throughout|across|"
    "within|at",
    "SAVED": "in|to|into|at|as|and save it to|and save them in|and put them in|under|"
    "and save them to|and put it in|and write them to|and write it to|saved to|saved in|"
    "and save it in|and save it as|and put them into|, in|->|inside|, put them in|, into|"
    "and place them in|called|named|written to",
    "PUBLICS": "public functions|functions|public functions and classes|functions and classes|"
    "public function|function|classes|public classes|methods|classes and functions|"
    "public methods|public api|api|everything|everything public|public classes and functions|"
    "undocumented functions|class|public class|public names|public definitions|"
    "functions and methods|public functions and methods|public function and class|"
    "function and class|things|functions, methods and classes|undocumented public functions|"
    "public symbols|public members|members|definitions|public objects|contents|module|public code",
    "WITHOUT": "that lack them|that have none|without docstrings|without one|that lack one|"
    "without them|that don't have one|that have no docstring|that has none|without docstring|"
    "that are missing them|missing them|that need them|that do not have one|that has no docstring|"
    "that lacks one|where they are missing|where missing|that are missing one|missing one|"
    "that doesn't have one|that don't have any|where there are none|that have no docstrings|"
    "with no docstring|that don't have docstrings|where they're missing|lacking one|lacking them",
}
