"""The languages of the pages: which one a visitor gets, and the sentences of each.

A catalogue is a text file, `translations/<code>.po`; it is read as it stands, so that nothing has to be compiled.
docs/languages.md says how it is brought up to date with the sentences in the code.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Blueprint, Flask, abort, current_app, make_response, redirect, request
from flask_babel import Babel, Domain, get_locale

from central.web import account

FOLDER = Path(__file__).parent / "translations"
# as each calls itself; the code's own sentences are English
NAMES = {"en": "English", "hi": "हिन्दी"}
COOKIE = "language"
_A_YEAR_S = 365 * 24 * 3600

languages = Blueprint("languages", __name__)


class Catalogues(Domain):
    """Every sentence in the language of the request."""

    def get_translations(self) -> Translations:
        return of(str(get_locale() or "en"))


@cache
def of(code: str) -> Translations:
    """The catalogue of a language, an empty one where the code's own sentences serve."""
    path = FOLDER / f"{code}.po"
    if not path.is_file():
        return Translations()
    compiled = BytesIO()
    with path.open("rb") as written:
        write_mo(compiled, read_po(written, locale=code))
    compiled.seek(0)
    return Translations(compiled)


def spoken() -> str:
    """What the visitor chose here, else what they chose for their account, else what their browser asks for."""
    chosen = request.cookies.get(COOKIE)
    if chosen in NAMES:
        return chosen
    person = account.current()
    if getattr(person, "language", None) in NAMES:
        return person.language
    return request.accept_languages.best_match(NAMES, default="en")


@languages.post("/language/<code>")
def choose(code: str):
    """Speaks another language from now on, and goes back to the page it was asked on."""
    if code not in NAMES:
        abort(404)
    answer = make_response(redirect(account.safe_next(request.form.get("back")) or "/", 303))
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(COOKIE, code, max_age=_A_YEAR_S, httponly=True, samesite="Lax", secure=secure, path="/")
    return answer


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=spoken).domain_instance = Catalogues()
    app.jinja_env.globals.update(languages=NAMES)
    app.register_blueprint(languages)
