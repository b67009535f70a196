"""Sets values in the text of an edge.toml and leaves all else as it stands, comments too. Pure."""

from __future__ import annotations

import json
import re
import tomllib

from edge.enrol.errors import EnrolError

Place = tuple[str, str]  # section, key
_SECTION = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?")
_REST = re.compile(r"""\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|\[[^\[\]]*\]|[^"'\[#\s]+)(\s*#.*)?""")


def with_values(text: str, values: dict[Place, str | list[str] | None]) -> str:
    """The text with these values; None takes a key out. EnrolError where the result would not be TOML that says so."""
    lines = text.splitlines()
    for place, value in values.items():
        _set(lines, place, value)
    made = "\n".join(lines) + "\n"
    try:
        table = tomllib.loads(made)
    except tomllib.TOMLDecodeError as error:
        raise EnrolError(f"edge.toml: not TOML: {error}") from error
    for (section, key), value in values.items():
        if table.get(section, {}).get(key) != value:
            raise EnrolError(f"edge.toml: {section}.{key} can't be set; expected it on one line of [{section}]")
    return made


def _set(lines: list[str], place: Place, value: str | list[str] | None) -> None:
    section, key = place
    start, end = _bounds(lines, section)
    plain = re.compile(rf"\s*{re.escape(key)}\s*=(.*)")
    in_comment = re.compile(rf"\s*#\s*{re.escape(key)}\s*=(.*)")
    at = next((n for n in range(start, end) if plain.fullmatch(lines[n])), None)
    if value is None:
        if at is not None:
            lines[at] = f"# {lines[at].lstrip()}"
        return
    if at is None:
        at = next((n for n in range(start, end) if in_comment.fullmatch(lines[n])), None)
    # json's strings and lists are TOML's too
    said = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    if at is None:
        while end > start and not lines[end - 1].strip():
            end -= 1
        lines.insert(end, said)
        return
    told = (plain.fullmatch(lines[at]) or in_comment.fullmatch(lines[at]))[1]
    rest = _REST.fullmatch(told)
    if rest is None and plain.fullmatch(lines[at]):
        raise EnrolError(f"edge.toml: {section}.{key} can't be set; expected it on one line of [{section}]")
    comment = (rest[1] or "").strip() if rest else ""
    # comments stay in their column, as far as the value leaves room
    column = len(lines[at]) - len(comment)
    lines[at] = f"{said.ljust(column - 2)}  {comment}" if comment else said


def _bounds(lines: list[str], section: str) -> tuple[int, int]:
    """First line of the section's body and the line after its last; the section is added where it is missing."""
    heads = [(n, found[1].strip()) for n, line in enumerate(lines) if (found := _SECTION.fullmatch(line))]
    for index, (n, named) in enumerate(heads):
        if named == section:
            return n + 1, heads[index + 1][0] if index + 1 < len(heads) else len(lines)
    lines += ["", f"[{section}]"]
    return len(lines), len(lines)
