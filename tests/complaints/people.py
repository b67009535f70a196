"""Who complains, and who can't: drivers with a phone, a gate with its mirror, the provider's books and its webhooks."""

from __future__ import annotations

import csv
import html
import json
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests

from central import jobs, keys, outgoing
from central.jobs import Desk
from central.payments.mock_psp.settlement import INDIA
from central.payments.mock_psp.webhooks import SIGNATURE_HEADER, signature
from edge.journal.file import open_writer
from edge.journal.mirror import Mirror
from edge.protocol.messages import SessionState
from edge.protocol.signing import Verifier, public_from_text
from edge.rules.access import Ask, Known, Open, Request, decide_exit
from tests.central.car_park import plate
from tests.central.web.people import token_on
from tests.central.web.town import Town, now, until


class Driver:
    """A driver's phone on the pay page of a stay."""

    def __init__(self, town: Town, stay_id: str) -> None:
        self.town, self.url, self.phone = town, town.pay_page(stay_id), requests.Session()

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *error: object) -> None:
        self.phone.close()

    def page(self) -> str:
        return html.unescape(self.phone.get(self.url).text)

    def begin(self, page: str = "") -> tuple[str, str]:
        """Presses the button to pay, of a page loaded before or now; the provider's page, and the order's reference."""
        form = {"csrf_token": token_on(page or self.page())}
        code = html.unescape(self.phone.post(f"{self.url}/pay", data=form).text)
        intent = re.search(r'href="(upi://pay[^"]+)"', code).group(1)
        return re.search(r'id="provider-page" href="([^"]+)"', code).group(1), parse_qs(urlsplit(intent).query)["tr"][0]

    def pay(self, vpa: str = "success@mock") -> None:
        """From the button to the provider's word that it is paid."""
        approve(self.begin()[0], vpa)

    def sees(self, words: str) -> str:
        """Waits for the page to say so; the page."""
        return until(lambda: words in (page := self.page()) and page)

    def receipts(self) -> list[str]:
        """Every receipt that the page links to."""
        links = re.findall(r'href="(/p/[^"]+/receipt/[^"]+)"', self.page())
        return [html.unescape(self.phone.get(self.town.url + link).text) for link in links]


def approve(provider_page: str, vpa: str = "success@mock") -> None:
    assert requests.post(provider_page, data={"action": "approve", "vpa": vpa}, timeout=10).ok


def webhook(town: Town, reference: str, paise: int, status: str, code: str, payment: str = "pay_1") -> str:
    """The provider tells of a payment, signed; what became of it."""
    told = {"id": payment, "status": status, "code": code, "vpa": "asha@bank", "at": now().timestamp()}
    raw = json.dumps({"order": {"reference": reference, "amount_paise": paise}, "payment": told}).encode()
    signed = {SIGNATURE_HEADER: signature(keys.read(town.settings, keys.PSP_WEBHOOK), raw)}
    answer = requests.post(f"{town.url}/webhooks/mock_upi", data=raw, headers=signed, timeout=10)
    assert answer.ok, answer.text
    return answer.json()["outcome"]


def provider_books(town: Town) -> list[tuple[str, str]]:
    """Payments and refunds of the day as the provider settles them: type and amount."""
    day = now().astimezone(INDIA).date().isoformat()
    address = f"{town.settings.payments.psp_url}/v1/settlements/{day}"
    text = requests.get(address, auth=town.app.extensions["parkmeter"].provider._auth, timeout=10).text
    return sorted((row["type"], row["amount"]) for row in csv.DictReader(text.splitlines()))


def work(town: Town, at: datetime | None = None, kinds: tuple[str, ...] = jobs.OF_THE_PROVIDER) -> None:
    """The jobs process does what is due."""
    desk = Desk(town.park.db, town.settings, town.app.extensions["parkmeter"].provider)
    jobs.queue_standing(town.park.db, at or now())
    while jobs.run_one(desk, at or now(), only=kinds):
        if kinds != jobs.OF_THE_PROVIDER:
            break


class Gate:
    """What a gate knows of the site's stays, by central's signed messages alone, and what it decides by that."""

    def __init__(self, town: Town, path: Path) -> None:
        self.town, self._db = town, open_writer(path)
        self._mirror = Mirror(self._db)
        self._signer = keys.signer(town.settings)
        self._verifier = Verifier([public_from_text(self._signer.public)])

    def listen(self) -> None:
        """Takes in what central has to tell."""
        db = self.town.park.db
        messages = outgoing.waiting(db, self._signer, self.town.links, now(), 1000, frozenset())
        for message in messages:
            if "/session/" in message.topic and message.payload:
                state = SessionState.decode(self._verifier.open(message.topic, message.payload))
                with self._db.atomic():
                    self._mirror.apply_session(state, now())
        outgoing.confirm(db, [row for message in messages for row in message.rows], now())

    def decides(self, text: str, at: datetime | None = None) -> Open | Request | Ask:
        """What the exit does with a vehicle whose plate it reads so."""
        self.listen()
        return decide_exit(plate(text), Known(stays=tuple(self._mirror.sessions_with_plate(text))), at or now())

    def knows(self, stay_id: str) -> SessionState:
        self.listen()
        return self._mirror.session(stay_id).state

    def close(self) -> None:
        self._db.close()
