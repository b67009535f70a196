"""What comes in to a lane and what it wants done, as plain values. Pure.

News are answers to actions, or come from people; a lane ignores news of a visit that is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edge.protocol.messages import PlateSeen, SessionState
from edge.rules.access import Known
from edge.rules.records import Fact, Grant


@dataclass(frozen=True, slots=True)
class Read:
    """Vision's verdict on a visit. plate None: nothing acceptable; image: hash of the best picture."""

    visit: str
    plate: PlateSeen | None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """The journal's answer to LookUp."""

    visit: str
    known: Known


@dataclass(frozen=True, slots=True)
class Answer:
    """Central's state of some stay, after the mirror took it."""

    state: SessionState


@dataclass(frozen=True, slots=True)
class Committed:
    """The journal has the grant. done False: it could not be written, the disk is full."""

    grant: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class Ordered:
    """A command of a person, checked and remembered. name: one of edge.rules.commands.NAMES."""

    cmd_id: str
    name: str
    by: str = ""


News = Read | Looked | Answer | Committed | Ordered


@dataclass(frozen=True, slots=True)
class StartWatching:
    """Read this visit's plate, forgetting earlier frames."""

    visit: str


@dataclass(frozen=True, slots=True)
class StopWatching:
    """Rest; vision then says once more what it has, with its best picture."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the journal what bears on this visit; plate None: unread. Answered by Looked."""

    visit: str
    plate: str | None


@dataclass(frozen=True, slots=True)
class CommitGrant:
    """Write this grant before the boom opens. Answered by Committed."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class Record:
    """Write these facts in one transaction.

    resolves  id of the grant that ends with them, None for none
    """

    facts: tuple[Fact, ...]
    resolves: str | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """A person's command has been carried out. rejected: why it could change nothing, "" where it did."""

    order: Ordered
    rejected: str = ""


Action = StartWatching | StopWatching | LookUp | CommitGrant | Record | Carried


class Ids(Protocol):
    """A supply of fresh ids: the rules draw no random numbers of their own."""

    def uuid(self) -> str: ...
    def ticket(self) -> str: ...
