"""What one place of the grammar accepts: `<old:name>`, `<path:path>`, `<lines:range>` …

A slot looks at the tokens from one position and gives (end, captures) for each way to take them.
English words are kept out of the slots for names: what may be a word and is not marked as a name
(quotes, a kind beside it, an underscore, a capital, a dot, brackets) is refused when in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from codexspark_tui.codemods.sentences import shapes
from codexspark_tui.codemods.sentences.match import Captures, Slot
from codexspark_tui.codemods.sentences.tokens import Token


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_Value = Callable[[Token, str], Captures | None]

# Words that are never a name unless they are quoted.
NEVER = _set(
    "you he she it we they me us them this that these those which what who whose how why when "
    "where if unless while until because since so than then else otherwise and or but nor not no "
    "never don't do does did done is are was were be been being am has have had can could should "
    "would will may might must shall of in on at by for from to into onto with without within "
    "out off up over under about as an the all every each any some both either neither none "
    "only also too just even still again please instead one ones its their his her there here now "
    "something anything everything nothing somewhere everywhere anywhere everybody somebody"
)

# Words for things: a name only when a kind stands beside them ("the variable file").
NOUNS = _set(
    "once twice thrice two three four half assembly more most less least better best good nice "
    "proper other another others same such later soon first last often always back forth away "
    "around snake_case camelcase camel_case pascalcase kebab_case lowercase uppercase lower upper "
    "case english german plural singular things stuff top bottom left right below above before "
    "after dead unused used new old own whole entire function functions func funcs class classes "
    "method methods variable variables var vars constant constants module modules package "
    "packages file files folder folders directory code project codebase repo repository name "
    "names symbol symbols attribute attributes field fields parameter parameters argument "
    "arguments arg args line lines import imports call calls use uses usage usages reference "
    "references occurrence occurrences caller callers python rename renames order comment "
    "comments image images style styles script scripts button page screen section docs logic "
    "tests loop css"
)

# What stands before a kind is a name only when it is no kind itself ("the function helper").
KINDS = _set(
    "function method class variable module package constant attribute field parameter file"
)

# Plural nouns that modules are often called.
MODULE_NOUNS = _set(
    "constants names symbols fields imports calls tests docs functions classes variables"
)

# Not what a thing is to be called, but how ("to snake_case", "called twice").
_NO_NEW_NAMES = _set(
    "once twice thrice more less better best nice proper often always snake_case camelcase "
    "camel_case pascalcase kebab_case lowercase uppercase differently properly correctly "
    "consistently later soon back again english german"
)

# What stands before a kind and describes it ("the longest function").
_ADJECTIVES = _set(
    "a an longest shortest biggest smallest largest slowest fastest oldest newest latest big small "
    "long short slow fast previous next following same right wrong other second third only public "
    "private whole entire new old unused"
)

_NOT_BEHIND_KINDS = _set(
    "function functions method methods class classes variable variables constant constants "
    "attribute attributes modules packages fields parameters files"
)

CONVENTIONAL_FOLDERS = _set("src test tests lib app scripts tools examples bench")


def _one(value: _Value) -> Slot:
    """A slot of exactly one token."""

    def slot(tokens: Sequence[Token], at: int, key: str) -> Iterator[tuple[int, Captures]]:
        if at >= len(tokens) or _is_article(tokens, at):
            return
        if (got := value(tokens[at], key)) is not None:
            yield at + 1, got

    return slot


def _is_article(tokens: Sequence[Token], at: int) -> bool:
    """Whether an "a" belongs to the word behind it: "into a package", but not "rename a to b"."""
    if tokens[at].lower not in ("a", "an") or at + 1 == len(tokens):
        return False
    following = tokens[at + 1]
    return following.plain and len(following.text) > 2 and following.lower not in NEVER


def _named(token: Token, key: str) -> Captures | None:
    """A name, dotted or with its path; which words are refused is for the caller."""
    if not token.quoted and token.lower in NEVER:
        return None
    split = shapes.name_in_path(token.text)
    if split is not None:
        path, name = split
        return ((key, name),) if path is None else ((key, name), ("path", (path,)))
    name_only = shapes.bare_name(token.text)
    return None if name_only is None else ((key, name_only),)


def _name(token: Token, key: str) -> Captures | None:
    if not token.quoted and token.lower in NOUNS:
        return None
    if token.article and (token.plain or (token.text.isalpha() and token.text.isupper())):
        return None
    return None if _a_file(token.text) else _named(token, key)


def _a_file(text: str) -> bool:
    """`package.json`, but not `Reader.json`."""
    return text[:1].islower() and shapes.suffix(text) != "" and shapes.looks_like_path(text)


def _before_kind(token: Token, key: str) -> Captures | None:
    refused = token.lower in KINDS or token.lower in _ADJECTIVES
    return None if not token.quoted and refused else _named(token, key)


def _after_kind(token: Token, key: str) -> Captures | None:
    """What stands behind a kind ("the variable file"): no other kind, and no "functions"."""
    return None if not token.quoted and token.lower in _NOT_BEHIND_KINDS else _named(token, key)


def _movable(token: Token, key: str) -> Captures | None:
    return None if token.plain and token.lower in CONVENTIONAL_FOLDERS else _name(token, key)


def _module(token: Token, key: str) -> Captures | None:
    """A module that is not called one; no class, into which nothing can be moved."""
    if token.text.rpartition(".")[2][:1].isupper():
        return None
    return (
        _named(token, key)
        if token.lower in MODULE_NOUNS and not token.article
        else _name(token, key)
    )


def _owner(token: Token, key: str) -> Captures | None:
    """A class, function or module that is recognised without being called one."""
    if token.plain or token.lower in shapes.LANGUAGES:
        return None
    return _name(token, key)


def _beside(token: Token, key: str) -> Captures | None:
    """A new name without a "to" before it: not "rename x properly", not "rename a function"."""
    if token.plain and (token.lower in NOUNS or token.lower.endswith("ly")):
        return None
    return _new_name(token, key)


def _called(token: Token, key: str) -> Captures | None:
    """`load()`: a function, whatever stands before it."""
    return _named(token, key) if token.text.endswith("()") else None


def _new_name(token: Token, key: str) -> Captures | None:
    if (token.plain and token.article) or token.lower in _NO_NEW_NAMES:
        return None
    got = _named(token, key)
    return None if got is not None and len(got) > 1 else got


def _path(token: Token, key: str) -> Captures | None:
    if shapes.looks_like_path(token.text):
        return ((key, (token.text,)),)
    if token.lower in CONVENTIONAL_FOLDERS and not token.article:
        return ((key, (token.text,)),)
    return None


def _folder(token: Token, key: str) -> Captures | None:
    """A folder that is called one ("the io folder"): any word that can be a file name."""
    if not token.quoted and (token.lower in NEVER or token.lower in NOUNS - {"docs", "tests"}):
        return None
    fits = all(c.isalnum() or c in "_-./ " for c in token.text)
    return ((key, (token.text,)),) if fits and token.text.strip("./ ") else None


def _module_path(token: Token, key: str) -> Captures | None:
    if shapes.looks_like_path(token.text) and shapes.suffix(token.text) in shapes.MODULE_SUFFIXES:
        return ((key, token.text),)
    return None


def _folder_path(token: Token, key: str) -> Captures | None:
    fits = "/" in token.text and token.text[0] not in "/~" and shapes.looks_like_path(token.text)
    return ((key, token.text),) if fits and not shapes.suffix(token.text) else None


def _range(token: Token, key: str) -> Captures | None:
    found = shapes.line_range(token.text)
    return None if found is None else ((key, found),)


def _line(token: Token, key: str) -> Captures | None:
    found = shapes.line_number(token.text)
    return None if found is None else ((key, found),)


def _place(token: Token, key: str) -> Captures | None:
    """`src/io.py:12`."""
    found = shapes.placed(token.text)
    if found is None or found[2] is not None:
        return None
    return (("path", (found[0],)), (key, found[1]))


def _span(token: Token, key: str) -> Captures | None:
    """`src/io.py:10-20`, or one line."""
    found = shapes.placed(token.text)
    if found is None:
        return None
    path, first, last = found
    return (("path", (path,)), (key, (first, first if last is None else last)))


def _language(token: Token, key: str) -> Captures | None:
    word = token.lower.removeprefix("*").removeprefix(".")
    dotted = word != token.lower
    found = shapes.language_of(f"x.{word}") if dotted else shapes.LANGUAGES.get(word)
    return None if found is None else ((key, found),)


_CODE_STOPS = _set("in with by to as for everywhere into across throughout and -> , use")


def _code(tokens: Sequence[Token], at: int, key: str) -> Iterator[tuple[int, Captures]]:
    """Quoted text, or unquoted code up to the next word of the sentence (kept as positions)."""
    if at >= len(tokens):
        return
    if tokens[at].quoted:
        yield at + 1, ((key, tokens[at]),)
        return
    end = at
    while end < len(tokens) and end - at < 12 and not _ends_code(tokens[end]):
        end += 1
    if end > at and all(_code_word(t) for t in tokens[at:end]):
        yield end, ((key, (tokens[at].start, tokens[end - 1].end)),)


def _ends_code(token: Token) -> bool:
    return token.quoted or token.lower in _CODE_STOPS


_CODE_WORDS = _set("is not none true false await new return lambda ==")


def _code_word(token: Token) -> bool:
    return token.lower in _CODE_WORDS or not token.plain


SLOTS: dict[str, Slot] = {
    "name": _one(_name),
    "kname": _one(_named),
    "bname": _one(_before_kind),
    "aname": _one(_after_kind),
    "movable": _one(_movable),
    "modname": _one(_module),
    "owner": _one(_owner),
    "called": _one(_called),
    "new": _one(_new_name),
    "beside": _one(_beside),
    "path": _one(_path),
    "folder": _one(_folder),
    "pypath": _one(_module_path),
    "dirpath": _one(_folder_path),
    "range": _one(_range),
    "line": _one(_line),
    "place": _one(_place),
    "span": _one(_span),
    "lang": _one(_language),
    "code": _code,
}
