"""The HTTP API as a table: what can be asked, by whom, and what comes back. Routes, checks and document follow it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, create_model

from edge.http import live, metrics, models
from edge.http.keys import Scope
from edge.protocol.maintenance import COMMANDS

PREFIX = "/api/v1"
JPEG, CSV, JSON = "image/jpeg", "text/csv; charset=utf-8", "application/json"
# what maintenance may order over HTTP; changing keys and updating stay with central and the machine's own shell
ACTIONS = (
    "open",
    "hold",
    "release",
    "close",
    "reset_fault",
    "self_test",
    "snapshot",
    "restart_vision",
    "log_level",
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked.

    id       its name in the document, and of the function that answers
    scope    what the caller must have
    says     one sentence for the document
    answers  status to its model, or the media type of what is no JSON; 200 in any case
    query, body  what is asked, None for nothing
    else_    further media types of the same answer
    errors   statuses it may end with, beside those that any of them may
    """

    id: str
    method: str
    path: str
    scope: Scope
    says: str
    answers: dict[int, type[BaseModel] | str]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    else_: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()


# what any operation may end with: a bad token, a scope it has not, too many tries, an error of ours
ANY_ERRORS = (401, 403, 429, 500)

LOOKS = (
    Operation("status", "GET", "/status", Scope.READ, "How the gate is now.", {200: models.Status}),
    Operation(
        "inputs", "GET", "/inputs", Scope.READ, "Every input's level, and since when it has it.", {200: models.Inputs}
    ),
    Operation("snapshot", "GET", "/snapshot", Scope.LIVE, "The newest picture.", {200: JPEG}, errors=(404,)),
    Operation(
        "live",
        "GET",
        "/live",
        Scope.LIVE,
        "Pictures one after another, for a limited time and a limited number of viewers.",
        {200: live.MEDIA_TYPE.partition(";")[0]},
        errors=(404, 503),
    ),
    Operation(
        "journal",
        "GET",
        "/journal",
        Scope.READ,
        "Lines of the gate's journal, latest first, page by page; also as CSV.",
        {200: models.Journal},
        query=models.JournalQuestion,
        else_=(CSV,),
        errors=(400, 503),
    ),
    Operation(
        "sessions",
        "GET",
        "/sessions",
        Scope.READ,
        "Stays that are not over, from the gate's mirror of its site, latest entry first, page by page.",
        {200: models.Sessions},
        query=models.SessionsQuestion,
        errors=(400, 503),
    ),
    Operation(
        "metrics", "GET", "/metrics", Scope.READ, "Figures for Prometheus.", {200: metrics.MEDIA_TYPE.partition(";")[0]}
    ),
    Operation("openapi", "GET", "/openapi.json", Scope.READ, "This document.", {200: JSON}),
)  # fmt: skip


def _action(name: str) -> Operation:
    kind = COMMANDS[name]
    return Operation(
        f"action_{name}",
        "POST",
        f"/actions/{name}",
        Scope.MAINTAIN,
        f"{kind.says} It is journaled, with its reason, before anything acts on it.",
        {200: models.ActionDone, 202: models.ActionDone},
        # the command's own arguments, of which the reason is no longer free to be left out
        body=create_model(f"{name.title().replace('_', '')}Order", __base__=kind.args, reason=(models.Reason, ...)),
        errors=(400, 409, 411, 413, 415, 503),
    )


OPERATIONS: tuple[Operation, ...] = (*LOOKS, *map(_action, ACTIONS))
