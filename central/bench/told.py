"""Who was told of stays: guests by e-mail, the driver in the inbox, a program by webhook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from central.bench.bulk import Row
from central.bench.holders import DRIVERS_ACCOUNT
from central.bench.visit import Visit
from central.store.schema import ApiEvent, GuestContact, Notification, WebhookDelivery, WebhookEndpoint

ENDPOINT = "00000000-0000-7000-8000-000000000006"
INBOX = f"account/{DRIVERS_ACCOUNT}"


def first(at: datetime) -> Iterator[Row]:
    """The program that is told."""
    yield (
        WebhookEndpoint,
        {
            "id": ENDPOINT, "url": "https://example.org/told", "events": '["stay.exited"]', "sites": "[]",
            "secret_number": 1, "created_at": at, "by": "bench",
        },
    )  # fmt: skip


def program(visit: Visit) -> Iterator[Row]:
    """One in two thousand deliveries was given up."""
    dead = visit.number % 20_000 == 3
    data = json.dumps({"stay": visit.stay_id, "plate": visit.plate})
    yield (
        ApiEvent,
        {"id": visit.number + 1, "site_id": visit.site, "type": "stay.exited", "subject": visit.stay_id, "data": data,
         "at": visit.left},
    )  # fmt: skip
    yield (
        WebhookDelivery,
        {
            "id": visit.id(62), "endpoint_id": ENDPOINT, "event_id": visit.number + 1,
            "state": "dead" if dead else "done", "attempts": 1, "next_at": visit.left,
            "last_status": 500 if dead else 204, "made_at": visit.left, "done_at": visit.left,
        },
    )  # fmt: skip


def guest(visit: Visit) -> Iterator[Row]:
    contact_id = visit.id(63)
    yield (
        GuestContact,
        {"id": contact_id, "stay_id": visit.stay_id, "email": f"guest{visit.number}@example.org", "language": "en",
         "given_at": visit.entered},
    )  # fmt: skip
    yield _told(visit, 64, "exited", f"guest/{contact_id}", "email")


def driver(visit: Visit) -> Iterator[Row]:
    yield _told(visit, 65, "entered", INBOX, "inbox")
    yield _told(visit, 66, "exited", INBOX, "inbox")


def _told(visit: Visit, kind_of_id: int, event: str, recipient: str, channel: str) -> Row:
    facts: dict[str, Any] = {
        "stay": visit.stay_id, "plate": visit.plate, "entered_at": visit.entered.isoformat(),
        "exited_at": visit.left.isoformat(), "owed_paise": None, "receipt": None, "paid_paise": None,
    }  # fmt: skip
    return Notification, {
        "id": visit.id(kind_of_id), "key": f"{event}:{visit.stay_id}", "event": event, "site_id": visit.site,
        "recipient": recipient, "channel": channel, "facts": json.dumps(facts), "state": "sent", "due_at": visit.left,
        "created_at": visit.left, "sent_at": visit.left, "read_at": visit.left if channel == "inbox" else None,
    }  # fmt: skip
