"""Addresses that are told of events, and what became of each delivery."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from central import keys, webhooks
from central.actions import webhook_endpoints as actions
from central.api import paging
from central.api.desk import Asked, desk
from central.api.operations import delete, get, post
from central.api.problem import Failed
from central.api.resources.events import EventType
from central.api.words import Answer, Body, Id, IdPath, Instant, Name, Page, PageQuery
from central.store.reads import api as reads
from central.store.schema import ApiEvent, WebhookDelivery, WebhookEndpoint

TAG = "Webhooks"


class WebhookAnswer(Answer):
    """events, sites: what it is told of; no site named: every site."""

    id: str
    url: str
    events: list[str]
    sites: list[str]
    created_at: Instant
    by: str


class NewWebhookAnswer(WebhookAnswer):
    """secret: to check signatures with, by Standard Webhooks; told this once, null where the request is sent again."""

    secret: str | None

    def kept(self) -> NewWebhookAnswer:
        return self.model_copy(update={"secret": None})


class WebhookList(Answer):
    webhooks: list[WebhookAnswer]


class WebhookBody(Body):
    url: Annotated[str, StringConstraints(min_length=10, max_length=500, pattern=r"^https?://[!-~]+$")]
    events: list[EventType] = Field(min_length=1, max_length=20)
    sites: list[Name] = Field([], max_length=100, description="None named: every site of the token's.")


class DeliveryPath(IdPath):
    delivery: Id


class AgainBody(Body):
    """Nothing is asked; an empty object."""


class DeliveryAnswer(Answer):
    """id: its webhook-id, the same at every try. last_error: why the last try failed."""

    id: str
    event_id: int
    type: str
    site: str
    state: Literal["waiting", "done", "dead"]
    attempts: int
    next_at: Instant
    last_status: int | None
    last_error: str
    made_at: Instant
    done_at: Instant | None


class DeliveryPage(Page):
    deliveries: list[DeliveryAnswer]


@get("/webhooks", "webhooks:read", WebhookList, TAG)
def list_webhooks(at: Asked) -> WebhookList:
    """The addresses that are told of events of the token's sites"""
    return WebhookList(webhooks=[_answer(one) for one in reads.endpoints(at.session) if _ours(at, one)])


@get("/webhooks/<id>", "webhooks:read", WebhookAnswer, TAG)
def get_webhook(at: Asked, path: IdPath) -> WebhookAnswer:
    """One of them"""
    return _answer(_endpoint(at, path.id))


@post("/webhooks", "webhooks:write", NewWebhookAnswer, TAG)
def add_webhook(at: Asked, body: WebhookBody) -> NewWebhookAnswer:
    """Have an address told of events from now on"""
    ours = desk().settings
    for site in body.sites:
        at.site(site)
    # a token for some sites must not have others' events told
    sites = body.sites or (list(at.sites) if at.token.sites else [])
    made = actions.add_endpoint(
        at.session, webhooks.checked(body.url, ours.webhooks), body.events, sites, at.now, at.by
    )
    secret = actions.secret_of(keys.read(ours, keys.LINKS), made)
    return NewWebhookAnswer(**_answer(made).model_dump(), secret=secret)


@delete("/webhooks/<id>", "webhooks:write", TAG)
def end_webhook(at: Asked, path: IdPath) -> None:
    """Have it told nothing any more"""
    actions.end_endpoint(at.session, _endpoint(at, path.id).id, at.now, at.by)


@get("/webhooks/<id>/deliveries", "webhooks:read", DeliveryPage, TAG)
def list_deliveries(at: Asked, path: IdPath, query: PageQuery) -> DeliveryPage:
    """What was sent to it, the newest first"""
    before = paging.place(query.cursor, str)
    rows, older = reads.deliveries(at.session, _endpoint(at, path.id).id, query.limit, before)
    return DeliveryPage(deliveries=[_delivery(*row) for row in rows], next_cursor=older and paging.cursor(older))


@post("/webhooks/<id>/deliveries/<delivery>/again", "webhooks:write", DeliveryAnswer, TAG, status=200)
def send_again(at: Asked, path: DeliveryPath, body: AgainBody) -> DeliveryAnswer:
    """Send one once more, under the same webhook-id"""
    endpoint = _endpoint(at, path.id)
    row = reads.one(at.session, WebhookDelivery, path.delivery)
    if row is None or row.endpoint_id != endpoint.id:
        raise Failed(404, "there is no such delivery")
    actions.again(at.session, row.id, at.now, at.by)
    return _delivery(row, reads.one(at.session, ApiEvent, row.event_id))


def _ours(at: Asked, row: WebhookEndpoint) -> bool:
    """Only who may see all that it is told of may see it."""
    return not at.token.sites or (bool(row.sites) and set(row.sites) <= set(at.sites))


def _endpoint(at: Asked, endpoint_id: str) -> WebhookEndpoint:
    row = reads.one(at.session, WebhookEndpoint, endpoint_id)
    if row is None or row.ended_at is not None or not _ours(at, row):
        raise Failed(404, "there is no such webhook")
    return row


def _answer(row: WebhookEndpoint) -> WebhookAnswer:
    return WebhookAnswer(
        id=row.id, url=row.url, events=row.events, sites=row.sites, created_at=row.created_at, by=row.by
    )  # fmt: skip


def _delivery(row: WebhookDelivery, event: ApiEvent) -> DeliveryAnswer:
    same = ("id", "event_id", "state", "attempts", "next_at", "last_status", "last_error", "made_at", "done_at")
    return DeliveryAnswer(**{name: getattr(row, name) for name in same}, type=event.type, site=event.site_id)
