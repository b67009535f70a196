"""The API's OpenAPI 3.1 document, made of the operations and their models."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from flask_openapi3.models import APISpec, Components, Info

from central.actions.api_tokens import SCOPES
from central.api import problem
from central.api.operations import OPERATIONS, Operation, api
from central.api.problem import Problem, Wrong

VERSION = "1"
_PROBLEM = {problem.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ABOUT = (
    "For programs that work with a car park: sites, gates, stays, money, passes, coupons, violations, events. "
    "Show a token as `Authorization: Bearer TOKEN`; staff make one under Integrations, with its scopes and sites. "
    "Money is whole paise, instants are RFC 3339 in UTC, plates are masked without the scope plates:read. "
    "Every POST carries an Idempotency-Key. Errors are application/problem+json."
)
_HEADERS = {
    "RateLimit": "How many requests are left (r) for how many seconds (t).",
    "RateLimit-Policy": "How many (q) in how many seconds (w).",
}


@cache
def document() -> dict[str, Any]:
    """The document, as JSON would hold it."""
    import central.api.resources.every  # noqa: F401  declares every operation

    spec = APISpec(openapi="3.1.0", info=Info(title="ParkMeter", version=VERSION, description=_ABOUT), paths=api.paths)
    spec.components = Components(schemas=api.components_schemas)
    spec.tags = sorted(api.tags, key=lambda tag: tag.name)
    made = spec.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False)
    made["paths"] = {path: made["paths"][path] for path in sorted(made["paths"])}
    components = made["components"]
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "Scopes: " + "; ".join(f"`{scope}` to {what}" for scope, what in SCOPES.items()) + ".",
        }
    }
    components["schemas"] |= {
        "Problem": Problem.model_json_schema(ref_template="#/components/schemas/{model}") | {"$defs": None},
        "Wrong": Wrong.model_json_schema(),
    }
    del components["schemas"]["Problem"]["$defs"]
    components["schemas"] = {name: components["schemas"][name] for name in sorted(components["schemas"])}
    for operation in OPERATIONS.values():
        _complete(made["paths"][operation.path][operation.method.lower()], operation)
    return made


def text() -> str:
    """The document as it is checked in and served."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _complete(told: dict[str, Any], operation: Operation) -> None:
    """What every operation has: who may, what may go wrong, and the headers of its answers."""
    told["security"] = [{"token": []}]
    for parameter in told.get("parameters", []):
        parameter["schema"] = _outside_json(parameter["schema"])
    if operation.scope is not None:
        told["description"] = " ".join(filter(None, [told.get("description"), f"Scope: `{operation.scope}`."]))
    for answer in told["responses"].values():
        answer["headers"] = {
            name: {"description": about, "schema": {"type": "string"}} for name, about in _HEADERS.items()
        }
    if operation.method == "GET":
        told["responses"].setdefault("304", {"description": "It is as your If-None-Match says."})
    for status in _errors(operation):
        told["responses"][str(status)] = {"description": problem.TITLES[status], "content": _PROBLEM}
    told["responses"] = {status: told["responses"][status] for status in sorted(told["responses"])}


def _outside_json(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema: what is not given is left out, there is no null in an address."""
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind != {"type": "null"}]
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "title", "description")}
    if kept.get("default", 0) is None:
        del kept["default"]
    return {**kinds[0], **kept} if "anyOf" in schema else kept


def _errors(operation: Operation) -> list[int]:
    found = [401, 403, 404, 409, 422, 429, 500]
    if operation.takes_body:
        found += [400, 413, 415]
    if operation.name == "start_payment":
        found += [503]
    return found
