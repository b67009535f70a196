"""What happened, the oldest first, for whoever comes by to ask what is new."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from central.actions.webhooks_out import EVENTS
from central.api import paging
from central.api.desk import Asked
from central.api.operations import get
from central.api.problem import Failed
from central.api.words import Answer, Instant, Page, SitePageQuery
from central.store.reads import api as reads

TAG = "Events"
EventType = Literal[tuple(EVENTS)]


class EventsQuery(SitePageQuery):
    type: EventType | None = None


class EventAnswer(Answer):
    """subject: id of the stay, due or violation; data: what was so then, plates masked."""

    id: int
    type: str
    timestamp: Instant
    site: str
    subject: str
    data: dict[str, Any]


class EventPage(Page):
    """The oldest first. next_cursor is always there: keep it, and ask again with it later."""

    next_cursor: str | None = Field(description="Up to here was read; asked again with it comes what is new.")
    events: list[EventAnswer]


@get("/events", "events:read", EventPage, TAG)
def list_events(at: Asked, query: EventsQuery) -> EventPage:
    """What has happened since the cursor; events are kept for 30 days"""
    read = paging.place(query.cursor, dict) or {}
    if not all(type(last) is int and 0 <= last < 2**63 for last in read.values()):
        raise Failed(404, "cursor: expected the next_cursor of an earlier page of this list")
    after = {site: read.get(site, 0) for site in at.among(query.site)}
    found, after = reads.events(at.session, after, query.limit, query.type)
    shown = [
        EventAnswer(id=one.id, type=one.type, timestamp=one.at, site=one.site_id, subject=one.subject, data=one.data)
        for one in found
    ]
    return EventPage(events=shown, next_cursor=paging.cursor({**read, **after}))
