"""A message in its recipient's language: subject, short text and e-mail, from the facts that were written down.

A template is one file of two blocks, `subject` and `text`; the e-mail is made of both. Facts are hostile text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from central.notifications.doors import Doors
from central.rules.money import rupees
from central.rules.telling import LANGUAGES, Event

LONGEST_FACT = 300
# joiners that Indian scripts are written with; any other invisible character is left out
_JOINERS = "\u200c\u200d"
_WORDS = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True, autoescape=lambda name: bool(name and name.endswith(".html")),
)  # fmt: skip
_WORDS.filters["rupees"] = rupees


@dataclass(frozen=True, slots=True)
class Message:
    """subject: one line; text: a few sentences, with no link; html: an e-mail whole; url: the page it is about."""

    language: str
    subject: str
    text: str
    html: str
    url: str
    choose_url: str

    @property
    def letter(self) -> str:
        """The e-mail for those who read plain text."""
        return "\n\n".join(part for part in (self.text, self.url, self.choose_url) if part)

    @property
    def short(self) -> str:
        """For an SMS."""
        return f"{self.text} {self.url}".strip()


class _Facts(dict):
    """What is not known of a fact is nothing, and its template says so."""

    def __missing__(self, name: str) -> str:
        return ""


def render(
    event: Event, facts: Mapping[str, Any], language: str, where: str, zone: ZoneInfo, doors: Doors, ref: str
) -> Message:
    """The message of an event to a recipient. where: the site's name, "" for none; zone: its clock's."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    url, choose_url = doors.about(facts), doors.choose(ref)
    known = _Facts({name: _fact(name, value) for name, value in facts.items()})
    template = _WORDS.get_template(f"{language}/{event}.txt")
    words = template.new_context(
        {
            "facts": known, "where": plain(where),
            "at": lambda instant: format_datetime(instant, "d MMM y, HH:mm", zone, language),
            "clock": lambda instant: format_datetime(instant, "HH:mm", zone, language),
        }
    )  # fmt: skip
    subject, text = (" ".join("".join(template.blocks[name](words)).split()) for name in ("subject", "text"))
    html = _WORDS.get_template("letter.html").render(
        language=language, subject=subject, text=text, url=url, choose_url=choose_url, where=plain(where)
    )
    return Message(language, subject, text, html, url, choose_url)


def plain(text: str) -> str:
    """A fact in one line, without characters that nobody sees: they break headers, or turn a line around."""
    seen = (" " if unicodedata.category(c)[0] in "CZ" and c not in _JOINERS else c for c in text[:LONGEST_FACT])
    return " ".join("".join(seen).split())


def _fact(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return datetime.fromisoformat(value) if name.endswith("_at") else plain(value)
