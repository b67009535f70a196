"""The lane display: what the driver who stands there sees, open to whom the settings let reach this gate's port."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for

from edge.http import words as display_words
from edge.rules.display import Display, Screen

log = logging.getLogger(__name__)


def pages(shown: Callable[[], Display], *, name: str, languages: tuple[str, ...], public_url: str | None, on: bool):
    """The display's pages. public_url: base of a ticket's address; on: whether this gate serves them."""
    display = Blueprint("display", __name__)

    def screen() -> Display:
        if not on:
            abort(404, "this gate serves no display (http.display is false)")
        return shown()

    def filled() -> dict:
        now = screen()
        link = ticket_url(now, public_url) or now.pay_url
        filling = {"shown": now, "name": name, "languages": languages, "words": display_words, "Screen": Screen}
        return filling | {"qr": qr(link) if link else None}

    @display.get("/")
    def home() -> Response:
        return redirect(url_for("display.page"))

    @display.get("/display")
    def page() -> str:
        return render_template("display.html", **filled())

    @display.get("/display/screen")
    def part() -> str:
        return render_template("screen.html", **filled())

    @display.get("/display.json")
    def facts() -> Response:
        now = screen()
        response = jsonify(
            screen=now.screen,
            plate=now.plate,
            ticket_url=ticket_url(now, public_url),
            pay_url=now.pay_url,
            amount_paise=now.amount_paise,
            stayed=display_words.stayed(now.entered_at, now.stopped_at),
            text={language: display_words.lines(now, language) for language in languages},
        )
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
        response.headers["Cache-Control"] = "no-cache"
        return response.make_conditional(request)

    return display


def ticket_url(shown: Display, public_url: str | None) -> str | None:
    """The address of a stay's page for a driver's phone; None when there is no ticket to show."""
    return f"{public_url}/t/{shown.ticket}" if public_url and shown.ticket else None


def qr(text: str) -> str | None:
    """An inline SVG of a QR code, dark on white with its quiet zone, sized by the page's style; None: it won't fit."""
    import segno  # a gate that shows no code does well without it

    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError:
        log.error("no QR code holds an address of %d characters", len(text))
        return None
    return code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)
