"""What several kinds of things have in their answers: plates as far as they may be seen, lines of prices."""

from __future__ import annotations

from pydantic import Field

from central.actions.webhooks_out import masked
from central.api.desk import Asked
from central.api.words import Answer, Paise
from central.store.reads import api as reads
from central.store.schema import Stay

PLATE = Field(description="Null where it was not read, and without the scope plates:read.")


class LineAnswer(Answer):
    kind: str
    text: str
    amount_paise: Paise
    minutes: int


def stay(at: Asked, stay_id: str) -> Stay:
    """A stay of the token's sites."""
    return at.seen(reads.one(at.session, Stay, stay_id), "stay")


def lined(line) -> LineAnswer:
    return LineAnswer(kind=str(line.kind), text=line.text, amount_paise=line.amount_paise, minutes=line.minutes)


def shown(at: Asked, plate: str | None) -> dict[str, str | None]:
    """A plate, whole for those who may see it."""
    return {"plate": plate if at.may("plates:read") else None, "plate_masked": masked(plate)}
