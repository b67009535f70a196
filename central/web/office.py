"""What every view works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import current_app

from central.links import Links
from central.payments.provider import PaymentProvider
from central.settings import Settings
from central.store.database import Database
from central.web.polls import Polls

EXTENSION = "parkmeter"


@dataclass(frozen=True, slots=True)
class Office:
    """The application's settings, and what it was wired to."""

    settings: Settings
    database: Database
    provider: PaymentProvider
    links: Links
    polls: Polls = field(default_factory=Polls)

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)


def office() -> Office:
    """The running application's."""
    return current_app.extensions[EXTENSION]
