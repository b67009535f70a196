"""The API's OpenAPI 3.1 document, made of the table of operations and their models: `python -m edge.http.openapi`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from edge.http.keys import Scope
from edge.http.operations import ANY_ERRORS, JSON, OPERATIONS, PREFIX, Operation
from edge.http.problem import MEDIA_TYPE as PROBLEM
from edge.http.problem import Problem

REF = "#/components/schemas/{model}"
ERRORS = {
    400: "A field is wrong, missing or unknown.",
    401: "No token, or a wrong one.",
    403: "The token or certificate lacks the scope, or the gate has no tokens.",
    404: "There is no picture yet.",
    409: "The gate refused the order.",
    411: "The body's length is not said.",
    413: "The body is too large.",
    415: "The body is no JSON.",
    429: "Too many wrong tokens from this address.",
    500: "An error of the gate's own; it is in its log.",
    503: "The gate can't answer now.",
}
SCOPES = {
    Scope.READ: "status, inputs, journal, sessions, metrics",
    Scope.LIVE: "pictures",
    Scope.MAINTAIN: "maintenance actions",
    Scope.PLATES: "plates unmasked, and asking by one",
}


@cache
def document() -> dict[str, Any]:
    """The document, as JSON would hold it."""
    kinds = sorted(set(_models()), key=lambda kind: (kind[0].__name__, kind[1]))
    references, components = models_json_schema(kinds, ref_template=REF)
    paths: dict[str, dict] = {}
    for operation in OPERATIONS:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _operation(operation, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ParkMeter gate",
            "version": "1",
            "description": "One gate's own HTTP API, for those who maintain it. Plates are masked unless the caller has"
            " the scope plates. " + " ".join(f"Scope {scope}: {what}." for scope, what in SCOPES.items()),
        },
        "paths": paths,
        "components": {
            "schemas": components["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token of the gate's http.token_file."},
                "certificate": {
                    "type": "mutualTLS",
                    "description": "A client certificate of http.client_ca_file; CN names its owner, OU its scopes.",
                },
            },
        },
    }


def text() -> str:
    """The document as it is checked in."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _models() -> Iterator[tuple[type[BaseModel], str]]:
    yield Problem, "serialization"
    for operation in OPERATIONS:
        for answer in operation.answers.values():
            if not isinstance(answer, str):
                yield answer, "serialization"
        if operation.body is not None:
            yield operation.body, "validation"


def _operation(operation: Operation, references: dict) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.says,
        "security": [{"token": [operation.scope]}, {"certificate": [operation.scope]}],
    }
    if operation.query is not None:
        made["parameters"] = list(_parameters(operation.query))
    if operation.body is not None:
        schema = references[operation.body, "validation"]
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    problem = {PROBLEM: {"schema": references[Problem, "serialization"]}}
    made["responses"] = {
        **{str(status): _answer(operation, status, references) for status in operation.answers},
        **{
            str(status): {"description": ERRORS[status], "content": problem}
            for status in sorted({*operation.errors, *ANY_ERRORS})
        },
    }
    return made


def _answer(operation: Operation, status: int, references: dict) -> dict[str, Any]:
    answer = operation.answers[status]
    if not isinstance(answer, str):
        content = {JSON: {"schema": references[answer, "serialization"]}}
    elif answer == JSON:
        content = {JSON: {"schema": {"type": "object"}}}
    else:
        content = {answer: {"schema": {"type": "string"}} if answer.startswith("text/") else {}}
    for other in operation.else_:
        content[other.partition(";")[0]] = {"schema": {"type": "string"}}
    described = {200: "The answer.", 202: "It has begun, and the journal will tell how it ended."}
    return {"description": described[status], "content": content}


def _parameters(query: type[BaseModel]) -> Iterator[dict[str, Any]]:
    whole = query.model_json_schema()
    described = _field_table(query)
    for name, schema in whole["properties"].items():
        if "$ref" in schema:
            schema = {
                key: what for key, what in whole["$defs"][schema["$ref"].rsplit("/", 1)[1]].items() if key != "title"
            } | ({"default": schema["default"]} if "default" in schema else {})
        # a parameter that is not given is left out: null has no way to be written
        given = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
        flat = {key: what for key, what in given[0].items() if key != "title"}
        yield {"name": name, "in": "query", "required": False, "schema": flat} | (
            {"description": described[name]} if name in described else {}
        )


def _field_table(model: type[BaseModel]) -> dict[str, str]:
    """What the model's own docstring says of each field, see the house's field tables."""
    table: dict[str, str] = {}
    for line in (model.__doc__ or "").splitlines()[1:]:
        names, _, says = line.strip().partition("  ")
        for name in names.split(", ") if says else ():
            if name in model.model_fields:
                table[name] = says.strip()
    return table


if __name__ == "__main__":
    sys.stdout.write(text())
