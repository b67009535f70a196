"""UPI IDs as people type them. Pure."""

from __future__ import annotations

import re

# NPCI: a name of letters, digits, dot, hyphen and underscore, and the handle of the payer's app or bank
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,254}[a-z0-9]@[a-z][a-z0-9]{1,63}")


def normal_upi_id(text: str) -> str:
    """The ID without blanks, in lower case: case means nothing in it. ValueError where that is none."""
    upi_id = "".join(text.split()).lower()
    if not _ID.fullmatch(upi_id):
        raise ValueError("expected a UPI ID such as asha.rao@okaxis: NAME@HANDLE, and no e-mail address")
    return upi_id


def masked(upi_id: str) -> str:
    """An ID that its owner recognises and nobody else can use: asha.k@bank is "a****k@bank"."""
    name, _at, handle = upi_id.partition("@")
    return f"{name[:1]}****{name[-1:]}@{handle}"
