"""The table of languages: which files are written in them, and which wheel has their grammar. Pure.

R has no grammar in a wheel, so its files are read line by line. Vue has none either: its markup is
read by the grammar of HTML, its script by that of TypeScript or JavaScript, as in Svelte.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Language:
    """`module`: the package of the grammar, "" for the line scanner; `entry`: its function.

    `query`: the name in `queries.QUERIES`; `scripted`: it holds `<script>` elements.
    """

    name: str
    module: str
    suffixes: tuple[str, ...]
    entry: str = "language"
    query: str = ""
    scripted: bool = False
    file_names: tuple[str, ...] = ()


_SHELL_FILES = (".bashrc", ".bash_profile", ".profile", ".zshrc", "PKGBUILD")
_RUBY_FILES = ("Rakefile", "Gemfile", "Vagrantfile", "Podfile", "Fastfile")

LANGUAGES: dict[str, Language] = {
    language.name: language
    for language in (
        Language("python", "tree_sitter_python", (".py", ".pyi", ".pyw")),
        Language("javascript", "tree_sitter_javascript", (".js", ".jsx", ".mjs", ".cjs")),
        Language(
            "typescript", "tree_sitter_typescript", (".ts", ".mts", ".cts"), "language_typescript"
        ),
        Language("tsx", "tree_sitter_typescript", (".tsx",), "language_tsx", "typescript"),
        Language("java", "tree_sitter_java", (".java",)),
        Language("c", "tree_sitter_c", (".c", ".h")),
        Language(
            "cpp",
            "tree_sitter_cpp",
            (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".ipp", ".inl", ".cu", ".cuh"),
        ),
        Language("csharp", "tree_sitter_c_sharp", (".cs",)),
        Language("go", "tree_sitter_go", (".go",)),
        Language("rust", "tree_sitter_rust", (".rs",)),
        Language("html", "tree_sitter_html", (".html", ".htm", ".xhtml"), scripted=True),
        Language("css", "tree_sitter_css", (".css",)),
        Language("vue", "tree_sitter_html", (".vue",), query="html", scripted=True),
        Language("svelte", "tree_sitter_svelte", (".svelte",), query="html", scripted=True),
        Language("r", "", (".r", ".R")),
        Language("julia", "tree_sitter_julia", (".jl",)),
        Language("matlab", "tree_sitter_matlab", (".m",)),
        Language("sql", "tree_sitter_sql", (".sql", ".ddl")),
        Language(
            "shell",
            "tree_sitter_bash",
            (".sh", ".bash", ".zsh", ".ksh", ".bats"),
            file_names=_SHELL_FILES,
        ),
        Language("powershell", "tree_sitter_powershell", (".ps1", ".psm1", ".psd1")),
        Language("swift", "tree_sitter_swift", (".swift",)),
        Language("kotlin", "tree_sitter_kotlin", (".kt", ".kts")),
        Language(
            "php", "tree_sitter_php", (".php", ".phtml", ".php5", ".inc"), entry="language_php"
        ),
        Language(
            "ruby",
            "tree_sitter_ruby",
            (".rb", ".rake", ".gemspec", ".ru"),
            file_names=_RUBY_FILES,
        ),
        Language("lua", "tree_sitter_lua", (".lua",)),
        Language("scala", "tree_sitter_scala", (".scala", ".sc", ".sbt")),
    )
}

_BY_SUFFIX = {s: language for language in LANGUAGES.values() for s in language.suffixes}
_BY_NAME = {n: language for language in LANGUAGES.values() for n in language.file_names}


def language_of(path: str) -> Language | None:
    """The language of a file by its name; None where none of ours is known by it."""
    name = PurePosixPath(path).name
    if name in _BY_NAME:
        return _BY_NAME[name]
    suffix = PurePosixPath(name).suffix
    return _BY_SUFFIX.get(suffix) or _BY_SUFFIX.get(suffix.lower())
