"""The types that the API's models share: how instants, money, ids and texts look, and what base they have."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError("expected an instant of RFC 3339 such as 2026-11-24T10:00:00Z")
    try:
        at = datetime.fromisoformat(value.upper())
    except ValueError:
        raise ValueError("there is no such instant") from None
    if not 2000 <= at.year < 2200:
        raise ValueError("expected a year from 2000 to 2199")
    return at.astimezone(UTC)


_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"

_INSTANT = {"type": "string", "format": "date-time", "pattern": "^2[01]"}
Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema(_INSTANT)]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=200, pattern=_NO_CONTROLS)]
ShortText = Annotated[str, StringConstraints(max_length=200, pattern=_NO_CONTROLS)]
PlateText = Annotated[
    str, StringConstraints(min_length=1, max_length=24, pattern=r"^[A-Za-z0-9 .-]*[A-Za-z0-9][A-Za-z0-9 .-]*$")
]
Paise = Annotated[int, Field(description="Whole paise; 100 paise are a rupee.")]
SomePaise = Annotated[int, Field(ge=1, le=10_000_000_000, description="Whole paise; 100 paise are a rupee.")]
Currency = Literal["INR"]
INR: Currency = "INR"


class Answer(BaseModel):
    """What the API answers with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def kept(self) -> Answer:
        """What is kept of it, for the same request sent again: all but secrets."""
        return self


class Body(BaseModel):
    """What is sent to the API: an unknown field is refused, as it may be what matters to whoever sent it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Query(BaseModel):
    """What stands behind the question mark; an unknown one is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PageQuery(Query):
    limit: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 50
    cursor: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,1000}$")] | None = Field(
        None, description="From `next_cursor` of the page before; of no meaning but that."
    )


class SitePageQuery(PageQuery):
    site: Name | None = Field(None, description="Only of that site.")


class SitePath(BaseModel):
    site: Name


class IdPath(BaseModel):
    id: Id


class IdempotencyKey(BaseModel):
    """Every POST that changes something carries one."""

    key: Annotated[str, StringConstraints(min_length=8, max_length=80, pattern=r"^[!-~]*$")] = Field(
        alias="Idempotency-Key",
        description="Your own name for this request. Sent again under it, it is done once and answered the same.",
    )


class Page(Answer):
    """A page of a list, the newest first. next_cursor: of the next page; null on the last."""

    next_cursor: str | None
