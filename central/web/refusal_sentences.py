"""The sentences with which rules and actions refuse, found in their code for the catalogues of the pages. Pure.

Babel calls these (pyproject.toml, [tool.babel]); each sentence is given in the context `refusal`, with a
`%(name)s` where the code puts a value into it. central/web/refusals.py says them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product
from typing import IO, Any

from babel.messages.extract import extract_python

from edge.protocol.fault_table import ROWS

CONTEXT = "refusal"
# what ends a program rather than refuses somebody's wish
_NOT_SAID = {"AssertionError", "RuntimeError", "IllegalStep", "ArgumentTypeError", "kind"}
# names a sentence has, whole or in part, before it is raised; and functions that return one for another to raise
_MADE_AS = {"wrong", "what", "_EXPECTED"}
_RETURNED_BY = {"why_not", "taken", "_later_correction", "_money_since", "_coupon_since", "_differs"}
# functions that put a sentence together of words they are given, and tables of such words
_GIVEN_TO = {"_past", "_whole", "_wrong"}
_TABLES = {"_WHAT", "_WORDS"}
# WTForms has no Hindi of its own; this is what our forms use of it
_FORMS = (
    "Field must be between %(min)d and %(max)d characters long.",
    "Field cannot be longer than %(max)d characters.",
    "Not a valid choice.",
)

Found = tuple[int, str, Any, list[str]]
# a sentence in pieces: its own text, and what the code puts between
_Piece = str | ast.expr


def extract(file: IO[bytes], keywords: Any, comment_tags: Any, options: dict) -> Iterator[Found]:
    """What is marked in a file, and every sentence it refuses with."""
    yield from extract_python(file, keywords, comment_tags, options)
    file.seek(0)
    for line, text in sentences(file.read().decode()):
        yield line, "pgettext", (CONTEXT, text), []


def extract_forms(file: IO[bytes], keywords: Any, comment_tags: Any, options: dict) -> Iterator[Found]:
    """What is marked in our forms, and what WTForms says of them."""
    yield from extract_python(file, keywords, comment_tags, options)
    for text in _FORMS:
        yield 1, "pgettext", (CONTEXT, text), []


def extract_faults(file: IO[bytes], keywords: Any, comment_tags: Any, options: dict) -> Iterator[Found]:
    """The gates' fault catalogue: what is so, why, what to do."""
    for _code, _severity, _lasts, *said in ROWS:
        for text in said:
            yield 1, "gettext", text, []


def sentences(code: str) -> Iterator[tuple[int, str]]:
    """(line, sentence) of what a file refuses with."""
    tree = ast.parse(code)
    constants = {
        to.id: one.value.value
        for one in tree.body
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str)
        for to in one.targets
        if isinstance(to, ast.Name)
    }
    for made in _made(tree):
        for pieces in _forms(made, constants):
            if any(isinstance(one, str) and re.search("[a-z]{2}", one) for one in pieces):
                yield made.lineno, "".join(_named(pieces))


def _made(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions that make a sentence."""
    for node in ast.walk(tree):
        match node:
            case ast.Raise(exc=ast.Call(func=func, args=[first, *_])) if (
                ast.unparse(func).split(".")[-1] not in _NOT_SAID
            ):
                yield first
            case ast.Return(value=ast.Call(func=ast.Name(id=name), args=[first])) if name.endswith("Refused"):
                yield first
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _MADE_AS:
                yield value
            case ast.FunctionDef(name=name) if name in _RETURNED_BY:
                yield from (one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value)
            case ast.Call(func=ast.Name(id=name), args=args) if name in _GIVEN_TO:
                yield from (one for one in args if isinstance(one, ast.Constant | ast.JoinedStr))
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(values=words)) if name in _TABLES:
                yield from words
            case ast.For(target=ast.Tuple(elts=[ast.Name(id="what"), *_]), iter=ast.Tuple(elts=rows)):
                yield from (row.elts[0] for row in rows if isinstance(row, ast.Tuple))


def _forms(made: ast.expr, constants: dict[str, str]) -> list[list[_Piece]]:
    """Each form of a sentence, in pieces: one where there is no choice in it."""
    match made:
        case ast.Constant(value=str(text)):
            return [[text]]
        case ast.Name(id=name) if name in constants:
            return [[constants[name]]]
        case ast.IfExp(body=one, orelse=other) if isinstance(one, ast.Constant) or isinstance(other, ast.Constant):
            return _forms(one, constants) + _forms(other, constants)
        case ast.JoinedStr(values=parts):
            each = [_forms(part, constants) for part in parts]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            each = [_forms(left, constants), _forms(right, constants)]
        case ast.FormattedValue(value=value, conversion=-1):
            return _forms(value, constants)
        case ast.FormattedValue(value=value):
            return [[value]]
        case _:
            return [[made]]
    return [[piece for form in chosen for piece in form] for chosen in product(*each)]


def _named(pieces: list[_Piece]) -> Iterator[str]:
    taken: dict[str, int] = {}
    for piece in pieces:
        if isinstance(piece, str):
            yield piece.replace("%", "%%")
            continue
        name = _name(piece)
        taken[name] = taken.get(name, 0) + 1
        yield f"%({name}{taken[name] if taken[name] > 1 else ''})s"


def _name(value: ast.expr) -> str:
    """What a value is called: `one.plate[:40]` is "plate", `rupees(paise)` is "paise"."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower()
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case (
            ast.Subscript(value=inner)
            | ast.Call(func=ast.Attribute(attr="replace" | "strip" | "isoformat", value=inner))
        ):
            return _name(inner)
        case ast.Call(func=ast.Attribute(attr="join"), args=[inner]):
            return _name(inner)
        case ast.Call(args=[inner, *_]):
            return _name(inner)
        case ast.BoolOp(values=[first, *_]):
            return _name(first)
        case ast.BinOp(left=left):
            return _name(left)
        case _:
            return "value"
