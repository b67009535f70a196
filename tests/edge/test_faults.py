"""The fault catalogue: every code that a gate can tell is in it, none is for nothing, and its page is current."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.diagnostics.wires import WIRES
from edge.protocol.fault_table import ROWS
from edge.protocol.faults import CATALOGUE, kind, page
from edge.rules.boom import NOTICES
from edge.rules.boom_words import Severity

ROOT = Path(__file__).resolve().parents[2]
APART = ("simulation", "bench", "protocol")
#   call            which of its arguments is the code, unless it is named so
CALLS = {"GateNotice": 0, "Fault": 0, "notice": 0, "_drop": 1, "told": 0}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "edge").rglob("*.py")):
        if path.relative_to(ROOT / "edge").parts[0] not in APART:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def told_by(tree: ast.Module) -> Iterator[str]:
    """Codes of the calls that tell one, where the code stands there as it is."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "Admit":  # its third part are flags, each told as a notice
            yield from (text for part in node.args[2:3] for text in texts(part))
        place = CALLS.get(name)
        if place is None:
            continue
        given = [word.value for word in node.keywords if word.arg == "code"] or node.args[place : place + 1]
        for code in given:
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield code.value


def returned_by(path: str, *functions: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in functions]
    assert len(found) == len(functions)
    return {
        part.value.value
        for node in found
        for part in ast.walk(node)
        if isinstance(part, ast.Return) and isinstance(part.value, ast.Constant) and part.value.value is not None
    }


def put_into(path: str, name: str) -> set[str]:
    """Texts added to a collection of that name, or set in it by key."""
    tree, found = ast.parse((ROOT / path).read_text(encoding="utf-8")), set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=into), attr="append" | "add"), args=args) if (
                into == name
            ):
                found |= {text for part in args if not isinstance(part, ast.JoinedStr) for text in texts(part)}
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=into), slice=key)]) if into == name:
                found |= set(texts(key))
    return found


def told() -> set[str]:
    codes = {code for _, tree in sources() for code in told_by(tree)}
    codes |= {code for pair in WIRES.values() for code in pair} | set(NOTICES)
    codes |= {f"interlock_{why}" for why in returned_by("edge/rules/interlock.py", "_objection", "_obstruction")}
    codes |= put_into("edge/gauges.py", "codes") | put_into("edge/diagnostics/wires.py", "active")
    codes |= put_into("edge/diagnostics/surroundings.py", "found")
    return codes


def test_no_code_is_told_that_the_catalogue_lacks():
    codes = told()
    assert {"camera_failed", "interlock_stop", "disk_low", "too_hot", "stop_pressed", "already_inside"} <= codes
    assert sorted(codes - set(CATALOGUE)) == []


def test_no_code_is_in_the_catalogue_for_nothing():
    written = {text for _, tree in sources() for text in texts(tree)}
    interlock = {f"interlock_{text}" for text in written}
    assert sorted(set(CATALOGUE) - written - interlock) == []


def test_each_code_is_there_once_and_says_what_is_so_why_and_what_to_do():
    assert len(CATALOGUE) == len(ROWS)
    for one in CATALOGUE.values():
        assert one.meaning.endswith(".") and one.cause.endswith((".", "...")) and one.remedy.endswith(".")
        assert one.severity == "info" or one.remedy != "Nothing.", one.code
        assert not one.lasts or one.severity != "info", one.code
        assert "|" not in one.meaning + one.cause + one.remedy


@pytest.mark.parametrize("code", NOTICES)
def test_the_catalogue_and_the_boom_s_own_table_agree_how_grave_a_notice_is(code):
    assert CATALOGUE[code].severity == NOTICES[code][0].value
    assert CATALOGUE[code].lasts is (NOTICES[code][0] is Severity.FAULT)


def test_a_code_of_another_version_is_told_as_unknown():
    assert kind("warp_core_breach").severity == "alarm"


def test_the_page_of_faults_is_the_catalogue_s():
    assert (ROOT / "docs" / "faults.md").read_text(encoding="utf-8") == page()
    printed = subprocess.run([sys.executable, "-m", "edge.protocol.faults"], capture_output=True, text=True, cwd=ROOT)
    assert printed.stdout == page()
