"""QR codes, as a drawing that stands in the page."""

from __future__ import annotations

import segno
from markupsafe import Markup


def drawn(text: str) -> Markup:
    return Markup(segno.make_qr(text, error="m").svg_inline(scale=5, border=2, omitsize=True, svgclass="qr"))
