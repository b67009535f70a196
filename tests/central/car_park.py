"""A car park for tests: gates that report as real ones do, drivers that pay, and a look at what gates are told."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select

from central import handlers, outgoing
from central.actions import gates, settling, tariffs
from central.links import Links
from central.settings import Settings
from central.store.database import Database
from central.store.schema import Attempt, Due, Gate, Stay
from edge.protocol.ids import TICKET_ALPHABET, TICKET_LENGTH, uuid7
from edge.protocol.messages import EVENT_TYPES, EVENTS, Event, PlateSeen, Status, Wire
from edge.protocol.topics import GateTopics, Stream

SITE = "delhi"
START = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
TARIFF = Path("config/tariffs/delhi-example.toml").read_text()
LINKS = Links("http://127.0.0.1:8000", b"k" * 32)
Message = tuple[str, bytes]


def plate(text: str) -> PlateSeen:
    return PlateSeen(text=text, raw=text, confidence=0.98)


def minutes(count: float) -> datetime:
    """That long after the start."""
    return START + timedelta(minutes=count)


@dataclass
class Reporter:
    """A gate's uplink: numbers what it reports, as the journal would. Ids come from the seed."""

    gate: str
    seed: int = 0
    journal: str = ""
    seqs: dict[Stream, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.gate}{self.seed}")
        self.journal = self.journal or self.new_id()
        self.boot = self.new_id()

    def new_id(self) -> str:
        return uuid7(int(START.timestamp() * 1000), self.random.randbytes(10))

    def new_ticket(self) -> str:
        return "".join(self.random.choice(TICKET_ALPHABET) for _ in range(TICKET_LENGTH))

    def report(
        self, facts: Wire, at: datetime, session: str | None = None, *, true_at: datetime | None = None, **envelope
    ) -> Message:
        """Topic and payload of the next event. at: by the gate's clock; true_at: when it is, where that is wrong."""
        event_type = EVENT_TYPES[type(facts)]
        stream = EVENTS[event_type][0]
        self.seqs[stream] = self.seqs.get(stream, 0) + 1
        event = Event(
            id=self.new_id(),
            gate=self.gate,
            journal=self.journal,
            stream=stream,
            seq=self.seqs[stream],
            boot=self.boot,
            mono_ms=int(((true_at or at) - START).total_seconds() * 1000),
            wall=at,
            type=event_type,
            session=session,
            data=facts.model_dump(mode="json"),
            **envelope,
        )
        return GateTopics(SITE, self.gate).event(stream, event_type), event.encode()


class CarPark:
    """One site with an entry and an exit gate, on a database made ready."""

    def __init__(self, db: Database, settings: Settings, tariff: str | None = TARIFF) -> None:
        self.db, self.settings = db, settings
        self.entry, self.exit = Reporter("entry-1"), Reporter("exit-1")
        with db.begin() as session:
            gates.add_site(session, SITE, START, "tests", name="Delhi", gstin="07AAAAA0000A1Z5")
            _, self.entry_token = gates.add_gate(session, SITE, "entry-1", START, "tests", lane="entry")
            gates.add_gate(session, SITE, "exit-1", START, "tests", lane="exit")
            if tariff:
                tariffs.load_tariff(session, SITE, tariff, START, "tests")

    def hear(self, *messages: Message, now: datetime | None = None) -> dict:
        """Applies messages in one transaction, as the ingest process does; the acknowledgements that follow."""
        touched = handlers.Touched()
        with self.db.begin() as session:
            for topic, payload in messages:
                handlers.handle(session, topic, payload, now or minutes(24 * 60 * 60), touched)
            return touched.acknowledge(session, now or minutes(24 * 60 * 60))

    def online(self, gate: Reporter) -> None:
        self.hear((GateTopics(SITE, gate.gate).status, Status(state="online", boot=gate.boot).encode()))

    def stay(self, stay_id: str) -> Stay:
        with self.db.read() as session:
            return session.get_one(Stay, stay_id)

    def stays(self) -> list[Stay]:
        with self.db.read() as session:
            return list(session.scalars(select(Stay).order_by(Stay.entered_at, Stay.id)))

    def dues(self, stay_id: str) -> list[Due]:
        with self.db.read() as session:
            return list(session.scalars(select(Due).where(Due.stay_id == stay_id).order_by(Due.quoted_at, Due.id)))

    def told(self, stay_id: str):
        """What gates are told of a stay."""
        from central.actions.mirror import session_state

        with self.db.read() as session:
            return session_state(session, session.get_one(Stay, stay_id), LINKS)

    def pay(self, due_id: str, now: datetime) -> None:
        """A capture of the due's amount, as the payment service applies it."""
        with self.db.begin() as session:
            due = session.get_one(Due, due_id)
            session.add(
                Attempt(
                    id=uuid7(),
                    due_id=due.id,
                    provider="mock_upi",
                    provider_ref=str(uuid.uuid4()),
                    state="captured",
                    amount_paise=due.amount_paise,
                    captured_paise=due.amount_paise,
                    created_at=now,
                    expires_at=now,
                    applied=True,
                )
            )
            settling.mark_paid(session, due, now)

    def messages(self, signer, now: datetime = START) -> list[outgoing.Outgoing]:
        """What waits to be published."""
        return outgoing.waiting(self.db, signer, LINKS, now, 1000, frozenset())

    def gate(self, gate_id: str) -> Gate:
        with self.db.read() as session:
            return session.get_one(Gate, (SITE, gate_id))
