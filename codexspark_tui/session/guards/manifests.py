"""The dependencies that a manifest declares, by the form of each kind of manifest.

One that comes from elsewhere than by its own name from the usual registry is declared twice: as
`name`, and as `name from ORIGIN`, so that another origin is something new.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from codexspark_tui.session.guards.origins import named, origin, origins

MANIFESTS = {
    "pyproject.toml": "python",
    "requirements.txt": "python",
    "requirements-dev.txt": "python",
    "requirements.in": "python",
    "environment.yml": "python",
    "environment.yaml": "python",
    "setup.cfg": "python",
    "setup.py": "python",
    "Pipfile": "python",
    "package.json": "js",
    "go.mod": "go",
    "Cargo.toml": "rust",
    "pom.xml": "java",
    "build.gradle": "java",
    "build.gradle.kts": "java",
    "gradle/libs.versions.toml": "java",
    "Directory.Packages.props": "csharp",
    "packages.config": "csharp",
}
_PROJECTS = (".csproj", ".fsproj", ".gradle", ".gradle.kts", ".versions.toml")
_OTHERS = re.compile(
    r"(?:^|/)(?:[\w.-]*requirements[\w.-]*\.(?:txt|in)|requirements/[^/]+\.(?:txt|in)"
    r"|(?:[\w.-]+[-_.])?environment(?:[-_.][\w.-]+)?\.ya?ml)$"
)
_GRADLE = re.compile(
    r"\b(?:api|implementation|compileOnly|runtimeOnly|test\w+|annotationProcessor|kapt)\W+"
    r"([\w.-]+:[\w.-]+)"
)
_MAVEN = re.compile(r"<(?:dependency|plugin)>(.*?)</(?:dependency|plugin)>", re.DOTALL)
_NUGET = re.compile(
    r"<(?:(?:Global)?Package(?:Reference|Version)\s[^<>]*Include|package\s[^<>]*\bid)=\"([^\"]+)\""
)
_GO_REQUIRED = re.compile(r"([\w.-]+\.[\w./~-]+)\s+v\d")
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\]?\s*)?(?:([=<>!~;@#\[])|$)")
_ADDRESS = re.compile(r"(?<![a-z])[a-z]{2,9}(?:\+[a-z]{2,9})?://\S+", re.IGNORECASE)
_EGG = re.compile(r"[#&]egg=([\w.-]+)")
_CONDA = re.compile(r"(?:([\w./:-]+)::)?([A-Za-z0-9_][\w.-]*)\s*(?:[=<>!~\[\s]|$)")
_QUOTED = re.compile(r"['\"]([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?\s*(?:[=<>!~;][^'\"]*)?['\"]")


def is_manifest(path: str) -> bool:
    name = PurePosixPath(path).name
    return name in MANIFESTS or path.endswith(_PROJECTS) or _OTHERS.search(path) is not None


def declared_in(path: str, text: str) -> set[str] | None:
    """Lower-case names and origins; None for a manifest that cannot be read."""
    name = PurePosixPath(path).name
    try:
        return {one.lower() for one in _declared(name, text) if one}
    except (ValueError, RecursionError, AttributeError, TypeError):
        return None


def _declared(name: str, text: str) -> Iterable[str]:
    if name.endswith((".txt", ".in")):
        return _requirements(re.sub(r"\\\r?\n", " ", text).splitlines())
    if name.endswith(".toml") or name == "Pipfile":
        return _of_toml(name, tomllib.loads(text))
    if name == "package.json":
        return _of_package(json.loads(text) if text.strip() else {})
    if name.endswith((".yml", ".yaml")):
        return _of_conda(text)
    if name == "go.mod":
        return _of_go(text)
    if name == "pom.xml":
        return [_maven(block) for block in _MAVEN.findall(text)]
    if "gradle" in name:
        return _GRADLE.findall(text)
    if name == "setup.cfg":
        return _requirements(line for line in text.splitlines() if line[:1] in " \t")
    if name == "setup.py":
        lists = re.findall(r"(?:requires|require)\w*\s*=\s*[\[{](.*?)[\]}]", text, re.DOTALL)
        return [one for found in lists for one in _QUOTED.findall(found)]
    return _NUGET.findall(text)


def _of_toml(name: str, data: dict[str, Any]) -> Iterable[str]:
    if name == "Cargo.toml":
        return _of_cargo(data)
    return _of_catalog(data) if name.endswith(".versions.toml") else _of_python(data)


def _requirements(lines: Iterable[str]) -> list[str]:
    return [name for line in lines for name in _requirement(line)]


def _requirement(line: str) -> list[str]:
    """Of a line as pip takes it: a name, one with an address, an address, or an option."""
    line = re.sub(r"(?:^|\s)#.*", "", line).strip()
    address = _ADDRESS.search(line)
    if line.startswith("-") or (address and not address.start()):
        if address is None:
            return []
        egg, end = _EGG.search(address[0]), origin(address[0]).rpartition("/")[2]
        if line.startswith("-") and not line.startswith(("-e", "--editable")):
            usual = address[0].startswith("https://pypi.org/")
            return [] if usual else [f"packages from {origin(address[0])}"]
        return named(egg[1] if egg else end.split("-*")[0], address[0])
    match = _REQUIREMENT.match(line.partition(" --")[0].rstrip())
    if match is None:
        return []
    return named(match[1], line[match.end() :]) if match[2] == "@" else [match[1]]


def _of_python(data: dict[str, Any]) -> list[str]:
    project, tool = data.get("project", {}), data.get("tool", {})
    uv, poetry, pdm = (tool.get(one, {}) for one in ("uv", "poetry", "pdm"))
    lists = [project.get("dependencies", []), data.get("build-system", {}).get("requires", [])]
    lists += project.get("optional-dependencies", {}).values()
    lists += data.get("dependency-groups", {}).values()
    lists += [uv.get("dev-dependencies", []), *pdm.get("dev-dependencies", {}).values()]
    for one in tool.get("hatch", {}).get("envs", {}).values():
        lists += [one.get("dependencies", []), one.get("extra-dependencies", [])]
    found = _requirements(one for each in lists for one in each if isinstance(one, str))
    groups = [g.get("dependencies", {}) for g in poetry.get("group", {}).values()]
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {}), *groups]
    tables += [data.get("packages", {}), data.get("dev-packages", {})]
    found += [name for table in tables for name in table]
    tables.append(uv.get("sources", {}))
    found += [each for table in tables for name in table for each in origins(name, table[name])]
    for index in (uv.get("index", []), poetry.get("source", []), data.get("source", [])):
        found += [each for one in index for each in origins("packages", {"url": one.get("url")})]
    return found


def _of_cargo(data: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for key, value in data.items():
        if key.endswith("dependencies"):
            found += value
            found += [each for name in value for each in origins(name, value[name])]
        elif key in ("target", "workspace"):
            inner = value.values() if key == "target" else [value]
            found += [name for one in inner for name in _of_cargo(one)]
        elif key in ("patch", "replace"):
            tables = value.values() if key == "patch" else [value]
            found += [
                each for table in tables for name in table for each in origins(name, table[name])
            ]
    return found


def _of_catalog(data: dict[str, Any]) -> Iterator[str]:
    """Of a version catalog of Gradle."""
    for said in data.get("libraries", {}).values():
        if isinstance(said, str):
            yield ":".join(said.split(":")[:2])
        else:
            yield said.get("module") or f"{said.get('group')}:{said.get('name')}"
    for said in data.get("plugins", {}).values():
        yield said.split(":")[0] if isinstance(said, str) else said.get("id", "")


def _of_package(data: dict[str, Any]) -> Iterator[str]:
    for key, value in data.items():
        if key.lower().endswith("dependencies"):
            yield from value
            yield from _aliases(value) if isinstance(value, dict) else ()
        elif key in ("overrides", "resolutions", "pnpm"):
            yield from _aliases(value.get("overrides", {}) if key == "pnpm" else value)


def _aliases(table: dict[str, Any]) -> Iterator[str]:
    """The names that lead elsewhere: `npm:other@1`, an address, a folder."""
    for name, said in table.items():
        if isinstance(said, dict):
            yield from _aliases(said)
        elif isinstance(said, str) and re.search("[:/]", said):
            came = origin(said)
            if not came.startswith(("workspace:", "catalog:", "patch:")) and came != f"npm:{name}":
                yield f"{name} from {came}"


def _of_go(text: str) -> list[str]:
    """A tool of a module that is required, or of the own one, is no dependency more."""
    found, tools, there, block = list[str](), list[str](), list[str](), ""
    for line in text.splitlines():
        words = line.split("//")[0].replace("(", " ( ").split()
        if words[1:] == ["("]:
            block = words[0]
            continue
        verb, rest = (block, words) if block else (words[0] if words else "", words[1:])
        if rest == [")"]:
            block = ""
        elif verb == "require" and (match := _GO_REQUIRED.match(" ".join(rest))):
            found.append(match[1])
            there.append(match[1])
        elif verb == "module":
            there += rest
        elif verb == "replace" and "=>" in rest[1:-1]:
            found.append(f"{rest[0]} from {origin(rest[rest.index('=>') + 1])}")
        elif verb == "tool":
            tools += rest
    own = tuple(f"{one}/" for one in there)
    return [*found, *(one for one in tools if not f"{one}/".startswith(own))]


def _of_conda(text: str) -> Iterator[str]:
    """Lists of packages and channels; what pip shall install stands below `pip:`."""
    key, piped = "", False
    for line in re.sub(r"(?m)(?:^|[ \t])#.*", "", text).splitlines():
        if match := re.match(r"(\w+):\s*(?:\[(.*)\]\s*)?$", line):
            key, piped = match[1], False
            entries = (match[2] or "").split(",")
        elif match := re.match(r"\s*-\s+(.*)", line):
            entries = [match[1]]
        else:
            continue
        for entry in (one.strip().strip("\"'") for one in entries):
            if key == "channels" and entry not in ("", "defaults", "conda-forge", "nodefaults"):
                yield f"packages from {origin(entry)}"
            elif key == "dependencies" and entry.rstrip() == "pip:":
                piped = True
            elif key == "dependencies" and piped:
                yield from _requirement(entry)
            elif key == "dependencies" and (match := _CONDA.match(entry)):
                yield match[2]
                yield from [f"{match[2]} from {origin(match[1])}"] if match[1] else []


def _maven(block: str) -> str:
    group = re.search(r"<groupId>\s*([^<\s]+)", block)
    artifact = re.search(r"<artifactId>\s*([^<\s]+)", block)
    return ":".join(match[1] for match in (group, artifact) if match)
