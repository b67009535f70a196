"""What a firm sees behind its own links: its statement and invoices, each with a button that pays by UPI."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import corporate_payments, ledger
from central.actions.errors import Refused
from central.store.reads import corporate as reads
from central.web import account_paying, corporate_bills
from central.web.account_paying import NO_SUCH_LINK
from central.web.corporate_page import before_in_query
from central.web.money_words import paise
from central.web.office import office

corporate_holder = Blueprint("corporate_holder", __name__)


@corporate_holder.get("/firm/<token>")
def firm(token: str):
    account_paying.hear_provider(_firm(_account_of(token)).attempt)
    return _firm_page(token)


@corporate_holder.post("/firm/<token>/pay")
def pay(token: str):
    """A payment of any amount: invoices first, what is left over is kept for the next."""
    return _pay(_account_of(token), None, url_for("corporate_holder.firm", token=token), token)


@corporate_holder.get("/firm/<token>/upi")
def upi(token: str):
    """The code that pays, until the money is there."""
    found = _firm(_account_of(token))
    account_paying.hear_provider(found.attempt)
    here = url_for("corporate_holder.firm", token=token)
    return redirect(here, 303) if found.asked is None else account_paying.upi(found.asked.id, here, found.site.timezone)


@corporate_holder.get("/invoice/<token>")
def invoice(token: str):
    return _invoice_page(token)


@corporate_holder.get("/invoice/<token>/lines.csv")
def lines_csv(token: str):
    return corporate_bills.csv_of(_invoice(token))


@corporate_holder.post("/invoice/<token>/pay")
def pay_invoice(token: str):
    found, links = _invoice(token), office().links
    here = url_for("corporate_holder.invoice", token=token)
    return _pay(found.account.id, found.invoice.id, here, links.firm_token(found.account.id))


@corporate_holder.get("/invoice/<token>/credit-notes/<note_id>")
def credit_note(token: str, note_id: str):
    found = _invoice(token)
    note = corporate_bills.note_of(found.invoice.id, note_id)
    back = url_for("corporate_holder.invoice", token=token)
    return render_template(
        "holder/corporate_credit_note.html", found=found, note=note, zone=ZoneInfo(found.site.timezone), back=back
    )


def _account_of(token: str) -> str:
    return office().links.firm_of(token) or abort(404, NO_SUCH_LINK)


def _firm(account_id: str) -> reads.FirmDetail:
    with office().database.read() as session:
        site = reads.site_of(session, account_id) or abort(404, NO_SUCH_LINK)
        return reads.firm(session, account_id, ledger.site_day(session, site.id, office().now()))


def _invoice(token: str) -> reads.InvoiceDetail:
    invoice_id = office().links.invoice_of(token) or abort(404, NO_SUCH_LINK)
    with office().database.read() as session:
        return reads.invoice(session, invoice_id) or abort(404, NO_SUCH_LINK)


def _firm_page(token: str, problem: str | None = None) -> str:
    account_id, before = _account_of(token), before_in_query()
    found = _firm(account_id)
    with office().database.read() as session:
        moves = reads.statement(session, account_id, before)
        today = ledger.site_day(session, found.site.id, office().now())
    return render_template(
        "holder/corporate.html", found=found, moves=moves, token=token, zone=ZoneInfo(found.site.timezone),
        today=today, links=office().links, most_paise=corporate_payments.MOST_UPI_PAISE, problem=problem,
    )  # fmt: skip


def _invoice_page(token: str, problem: str | None = None) -> str:
    found = _invoice(token)
    with office().database.read() as session:
        today = ledger.site_day(session, found.site.id, office().now())
    return render_template(
        "holder/corporate_invoice.html", found=found, token=token, zone=ZoneInfo(found.site.timezone), today=today,
        most_paise=corporate_payments.MOST_UPI_PAISE, problem=problem,
    )  # fmt: skip


def _pay(account_id: str, invoice_id: str | None, here: str, firm_token: str) -> Any:
    """Asks for the typed amount and opens its payment; the payer lands on the page with the UPI code."""
    desk, form = office(), request.form

    def again(problem: str) -> str:
        if invoice_id is None:
            return _firm_page(firm_token, problem)
        return _invoice_page(desk.links.invoice_token(invoice_id), problem)

    try:
        amount = paise(form.get("amount", ""), _("Amount"))
        with desk.database.begin() as session:
            due = corporate_payments.ask(
                session, account_id, amount, desk.now(), invoice_id=invoice_id, key=form.get("key") or None
            )
    except Refused as error:
        return again(str(error)), 422
    return account_paying.pay(due.id, here, url_for("corporate_holder.upi", token=firm_token), again)
