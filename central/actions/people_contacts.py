"""What people log in with and are told at: an e-mail address or a mobile number, as it is typed, kept and shown."""

from __future__ import annotations

from typing import NamedTuple

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from central.actions.errors import Refused

EMAIL, PHONE = "email", "phone"
_HOME = "IN"  # a number without a country's code is one of this country
_MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


class Contact(NamedTuple):
    """kind: "email" or "phone", as the columns of `User` are called; value: as it is stored."""

    kind: str
    value: str


def normal_contact(text: str) -> Contact:
    """An e-mail address, or else a mobile number; Refused for what is neither."""
    return Contact(EMAIL, normal_email(text)) if "@" in text else Contact(PHONE, normal_phone(text))


def normal_email(text: str) -> str:
    """Lower case: no two accounts differ in that alone. Nobody is asked whether the address is there."""
    try:
        checked = validate_email(text.strip()[:320], check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise Refused(f"e-mail {text.strip()[:60]!r}: expected NAME@DOMAIN", field="email") from error
    return checked.ascii_email.lower()


def normal_phone(text: str) -> str:
    """E.164 of a number that can be a mobile one; Indian where no country's code is given."""
    wrong = f"mobile number {text.strip()[:30]!r}: expected one such as 98100 12345 or +44 7400 123456"
    try:
        number = phonenumbers.parse(text[:40], _HOME)
    except phonenumbers.NumberParseException as error:
        raise Refused(wrong, field="phone") from error
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _MOBILE:
        raise Refused(wrong, field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(value: str) -> str:
    """An address or a number as it may be shown: "a•••@example.org", "+91•••••••345"."""
    name, at, domain = value.partition("@")
    if at:
        return f"{name[:1]}•••@{domain}"
    return value[:3] + "•" * max(len(value) - 6, 0) + value[-3:]
