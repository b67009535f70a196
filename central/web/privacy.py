"""The privacy notice that every driver can read: what is kept, why, how long, and whom to ask."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import get_locale

from central.web.office import office

privacy = Blueprint("privacy", __name__, url_prefix="/privacy")

# changes with the text, so that a driver can say which one was shown
VERSION = "2026-11-1"
LANGUAGES = ("en", "hi")


@privacy.get("")
def notice():
    """In the language of the pages, or the one that is asked for."""
    settings = office().settings
    wanted = request.args.get("lang", str(get_locale()))
    language = wanted if wanted in LANGUAGES else "en"
    return render_template(
        f"privacy/notice_{language}.html", language=language, version=VERSION, kept=settings.retention,
        who=settings.privacy, merchant=settings.payments.merchant_name,
    )  # fmt: skip
