"""The PSP's HTTP service: orders and refunds for the merchant, and the page on which a payer approves or declines."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote, urlencode

import segno
from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from flask_bootstrap import Bootstrap5
from markupsafe import Markup

from central.payments.mock_psp import behaviour, settlement
from central.payments.mock_psp.orders import Books, Refused, order_view, payment_view
from central.payments.mock_psp.trouble import LONGEST_S, SLOWEST_S, Trouble

MERCHANT_CATEGORY = "7523"  # ISO 18245: parking lots and garages
LONGEST_REFERENCE = 35  # NPCI UPI linking specification: tr


@dataclass(frozen=True, slots=True)
class PspConfig:
    """What the PSP knows of its one merchant.

    books_path              its SQLite file
    key_id, key_secret      the merchant's credentials for the API (HTTP Basic)
    webhook_url, webhook_secret  where captures are announced, and the HMAC key they are signed with
    merchant_vpa, merchant_name  payee of the intent links
    collect                 the merchant is one of those for whom payers' apps are still asked for money
    base_url                where payers reach this service, without a slash at the end
    """

    books_path: Path
    key_id: str
    key_secret: str
    webhook_url: str
    webhook_secret: str
    merchant_vpa: str
    merchant_name: str
    base_url: str
    collect: bool = True


def intent(config: PspConfig, order: dict) -> str:
    """The upi:// link of an order (NPCI UPI linking specification 1.6: `am` with two decimals, `mc` the merchant's)."""
    rupees, paise = divmod(order["amount_paise"], 100)
    fields = {
        "pa": config.merchant_vpa,
        "pn": config.merchant_name,
        "tr": order["reference"],
        "tn": order["note"],
        "am": f"{rupees}.{paise:02d}",
        "cu": "INR",
        "mc": MERCHANT_CATEGORY,
    }
    return "upi://pay?" + urlencode(fields, quote_via=quote, safe="@")


def create_app(config: PspConfig, books: Books) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    app.jinja_env.filters["rupees"] = lambda paise: f"₹{paise // 100:,}.{paise % 100:02d}"

    @app.errorhandler(Refused)
    def refused(error: Refused):
        if request.path.startswith("/v1/"):
            return jsonify(error={"message": str(error)}), error.status
        return render_template("refused.html", message=str(error)), error.status

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self';"
            " frame-ancestors 'none'; base-uri 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store" if request.endpoint != "static" else "max-age=3600"
        return response

    trouble = Trouble()

    @app.before_request
    def troubled() -> None:
        if request.endpoint not in ("healthz", "ail", "static"):
            trouble.strike()

    def merchant_only() -> None:
        given = request.authorization
        right = given is not None and given.type == "basic"
        right = right and hmac.compare_digest(given.username or "", config.key_id)
        if not (right and hmac.compare_digest(given.password or "", config.key_secret)):
            raise Refused("expected the merchant's key id and secret as HTTP Basic credentials", 401)

    def shown(order: dict) -> dict:
        view = order_view(order) | {"intent": intent(config, order), "page_url": f"{config.base_url}/pay/{order['id']}"}
        return view | {"payments": [payment_view(payment) for payment in order.get("payments", [])]}

    @app.get("/healthz")
    def healthz():
        return jsonify(ok=True)

    @app.post("/v1/orders")
    def place_order():
        merchant_only()
        reference = _text("reference", LONGEST_REFERENCE)
        if not reference.isalnum():
            raise Refused(f"reference {reference!r}: expected letters and digits only")
        amount, expires_s = _whole("amount_paise", 100, 10_000_000), _whole("expires_s", 30, 86_400)
        now = time.time()
        order, new = books.place(reference, amount, _text("note", 80), _address("return_url"), now + expires_s, now)
        return jsonify(shown(books.order(order["id"]))), 201 if new else 200

    @app.get("/v1/orders/<order_id>")
    def show_order(order_id: str):
        merchant_only()
        return jsonify(shown(books.order(order_id)))

    @app.post("/v1/orders/<order_id>/collect")
    def collect(order_id: str):
        """Asks in the app of a payer; the simulated ones answer at once, as the part before the @ says."""
        merchant_only()
        if not config.collect:
            raise Refused("collect requests have ended for this merchant: show a code or a link", 403)
        try:
            payer = behaviour.vpa(_text("vpa", 130))
        except behaviour.BadVpa as error:
            raise Refused(str(error), 422) from error
        if not behaviour.takes_requests(payer):
            raise Refused(f"{payer}: this payer takes no requests", 422)
        books.collect(order_id, payer, time.time())
        if behaviour.answers_itself(payer):
            books.pay(order_id, payer, behaviour.answer(payer, True), time.time())
        return jsonify(ok=True), 201

    @app.post("/v1/refunds")
    def refund():
        merchant_only()
        amount = _whole("amount_paise", 1, 10_000_000)
        made = books.refund(_text("reference", LONGEST_REFERENCE), _text("payment_id", 64), amount, time.time())
        return jsonify(made), 201

    @app.get("/v1/settlements/<day>")
    def settlements(day: str):
        """The day's file; of a day that is not over, what there is so far. 404 for one that has not begun."""
        merchant_only()
        try:
            wanted = date.fromisoformat(day)
        except ValueError as error:
            raise Refused(f"day {day!r}: expected one such as 2026-11-24") from error
        begin, end = settlement.span(wanted)
        if begin > time.time():
            raise Refused(f"the file of {day} is not made yet", 404)
        text = settlement.statement(wanted, books.captured(begin, end), books.given_back(begin, end))
        return Response(text, mimetype="text/csv")

    @app.post("/v1/trouble")
    def ail():
        merchant_only()
        trouble.begin(_text("kind", 20), _whole("for_s", 0, LONGEST_S), _whole("delay_s", 0, SLOWEST_S))
        return jsonify(ok=True)

    @app.get("/pay/<order_id>")
    def pay_page(order_id: str):
        order = books.order(order_id)
        ended = next((p for p in order["payments"] if p["status"] in ("captured", "pending")), None)
        last = ended or (order["payments"][-1] if order["payments"] else None)
        link = intent(config, order)
        code = Markup(segno.make_qr(link, error="m").svg_inline(scale=5, border=2, omitsize=True, svgclass="qr"))
        expired = time.time() >= order["expires_at"]
        page = {"order": order, "last": last, "ended": ended, "expired": expired, "intent": link, "code": code}
        page["asked"] = books.asked(order_id)
        return render_template("pay.html", config=config, **page)

    @app.post("/pay/<order_id>")
    def pay(order_id: str):
        try:
            payer = behaviour.vpa(request.form.get("vpa", ""))
        except behaviour.BadVpa as error:
            raise Refused(str(error), 422) from error
        action = request.form.get("action", "")
        if action not in ("approve", "decline"):
            raise Refused(f"action {action!r}: expected approve or decline", 422)
        books.pay(order_id, payer, behaviour.answer(payer, action == "approve"), time.time())
        return redirect(url_for("pay_page", order_id=order_id), 303)

    return app


def _body() -> dict:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused("expected a JSON object")
    return body


def _text(field: str, longest: int) -> str:
    value = _body().get(field)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Refused(f"{field}: expected text of 1 to {longest} characters")
    return value


def _address(field: str) -> str:
    value = _text(field, 500)
    if not value.startswith(("http://", "https://")):
        raise Refused(f"{field}: expected an http or https address")
    return value


def _whole(field: str, lowest: int, highest: int) -> int:
    value = _body().get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise Refused(f"{field}: expected a whole number from {lowest} to {highest}")
    return value
