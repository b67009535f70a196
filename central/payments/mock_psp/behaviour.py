"""What a simulated payer's UPI app answers. Pure.

Response codes are NPCI's: 00 approved, ZM wrong UPI PIN, Z9 insufficient funds, U30 debit failed, U69 collect
request expired, RB and 96 deemed or unknown: never final (NPCI UPI error and response codes, 2024).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_VPA = re.compile(r"[A-Za-z0-9.\-]{2,64}@[A-Za-z][A-Za-z0-9]{1,63}")


class BadVpa(ValueError):
    """Not a virtual payment address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a payment attempt ends.

    status     captured, failed or pending
    code       NPCI's response code
    message    for the payer's screen
    late_s     seconds until a pending payment is captured after all; None: it stays pending
    """

    status: str
    code: str
    message: str
    late_s: float | None = None


APPROVED = Answer("captured", "00", "Payment successful")
DECLINED = Answer("failed", "U30", "Debit has failed; no money was taken")

BY_PAYER = {
    "success": APPROVED,
    "failure": DECLINED,
    "pin": Answer("failed", "ZM", "Wrong UPI PIN"),
    "poor": Answer("failed", "Z9", "Insufficient funds"),
    "unknown": Answer("pending", "RB", "Your bank has not answered yet; do not pay again"),
    "late": Answer("pending", "96", "Your bank is slow; do not pay again", late_s=2.0),
}


def vpa(text: str) -> str:
    """A virtual payment address such as asha@bank, checked and in lower case; BadVpa otherwise."""
    text = text.strip()
    if not _VPA.fullmatch(text):
        raise BadVpa(f"UPI ID {text[:80]!r}: expected name@bank, such as success@mock")
    return text.lower()


def takes_requests(payer_vpa: str) -> bool:
    """False for the payer whose app no merchant may ask for money."""
    return payer_vpa.split("@")[0] != "nocollect"


def answers_itself(payer_vpa: str) -> bool:
    """Whether the name stands for an answer; everybody else approves or declines on the page."""
    return payer_vpa.split("@")[0] in BY_PAYER


def answer(payer_vpa: str, approved: bool) -> Answer:
    """The end of an attempt: the payer's own choice first, then what the part before the @ stands for."""
    return BY_PAYER.get(payer_vpa.split("@")[0], APPROVED) if approved else DECLINED
