"""Firms' invoices, credit notes and payments, for staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import corporate_invoices, corporate_payments
from central.actions.errors import Refused
from central.store.reads import corporate as reads
from central.store.schema import CorporateCreditNote
from central.web import account, corporate_page
from central.web.csv_answer import Number, amount, csv_answer
from central.web.money_words import paise
from central.web.office import office


def serve_at(pages: Blueprint) -> None:
    """Adds the pages of bills to those of firms."""
    for rule, view, methods in (
        ("/<account_id>/payments", record, ["POST"]),
        ("/<account_id>/payments/<payment_id>/take-back", take_back, ["POST"]),
        ("/invoices/<invoice_id>", invoice, ["GET"]),
        ("/invoices/<invoice_id>/lines.csv", lines_csv, ["GET"]),
        ("/invoices/<invoice_id>/write-off", write_off, ["POST"]),
        ("/invoices/<invoice_id>/lines/<line_id>/credit", credit, ["POST"]),
        ("/invoices/<invoice_id>/credit-notes/<note_id>", credit_note, ["GET"]),
    ):
        pages.add_url_rule(rule, view_func=view, methods=methods)


@account.staff("supervisor")
def record(account_id: str):
    """A transfer or cheque has come."""
    form = request.form

    def recorded(session, who: str, now: datetime) -> None:
        corporate_payments.record(
            session, account_id, paise(form.get("amount", ""), _("Amount")), form.get("how", ""),
            form.get("reference", ""), now, who, invoice_id=form.get("invoice") or None, key=form.get("key") or None,
        )  # fmt: skip

    return corporate_page.do(account_id, recorded, _("The payment is recorded."))


@account.staff("manager")
def take_back(account_id: str, payment_id: str):
    def taken_back(session, who: str, now: datetime) -> None:
        corporate_payments.take_back(session, payment_id, request.form.get("reason", ""), now, who)

    return corporate_page.do(account_id, taken_back, _("Taken back: what it had settled is owed again."))


@account.staff("supervisor")
def invoice(invoice_id: str):
    return _page(invoice_id)


@account.staff("supervisor")
def lines_csv(invoice_id: str):
    return csv_of(found(invoice_id))


@account.staff("manager")
def write_off(invoice_id: str):
    form = request.form

    def given_up(session, who: str, now: datetime) -> None:
        corporate_payments.write_off(
            session, invoice_id, paise(form.get("amount", ""), _("Amount")), form.get("reason", ""), now, who,
            key=form.get("key") or None,
        )  # fmt: skip

    return _do(invoice_id, given_up, _("It is given up. The books say why."))


@account.staff("manager")
def credit(invoice_id: str, line_id: str):
    def credited(session, who: str, now: datetime) -> None:
        corporate_invoices.credit_stay(session, line_id, now, who, request.form.get("reason", ""))

    return _do(invoice_id, credited, _("The credit note is made."))


@account.staff("supervisor")
def credit_note(invoice_id: str, note_id: str):
    whole, note = found(invoice_id), note_of(invoice_id, note_id)
    back = url_for("corporate.invoice", invoice_id=invoice_id)
    return render_template(
        "holder/corporate_credit_note.html", found=whole, note=note, zone=ZoneInfo(whole.site.timezone), back=back
    )


def found(invoice_id: str) -> reads.InvoiceDetail:
    with office().database.read() as session:
        return reads.invoice(session, invoice_id) or abort(404, _("There is no such invoice."))


def note_of(invoice_id: str, note_id: str) -> CorporateCreditNote:
    note = next((one for one in found(invoice_id).notes if one.id == note_id), None)
    return note or abort(404, _("There is no such credit note."))


def csv_of(whole: reads.InvoiceDetail) -> Response:
    """An invoice's lines, by the site's clock, for a spreadsheet."""
    zone = ZoneInfo(whole.site.timezone)

    def told(at: datetime | None) -> str:
        return "" if at is None else at.astimezone(zone).isoformat(sep=" ", timespec="minutes")

    serials = {note.id: note.serial for note in whole.notes}
    head = [
        "invoice", "plate", "class", "in", "out", "minutes", "taxable", "cgst", "sgst", "igst", "rounding", "total",
        "credit_note",
    ]  # fmt: skip
    rows = [
        [
            whole.invoice.serial, line.plate, line.vehicle_class, told(line.entered_at), told(line.left_at),
            Number(line.minutes), amount(line.taxable_paise), amount(line.cgst_paise), amount(line.sgst_paise),
            amount(line.igst_paise), amount(line.rounding_paise), amount(line.total_paise),
            serials.get(line.credit_id or "", ""),
        ]
        for line in whole.lines
    ]  # fmt: skip
    return csv_answer(f"{whole.invoice.serial.replace('/', '-')}.csv", head, rows)


def _do(invoice_id: str, what: Callable[..., None], done: str) -> Any:
    desk = office()
    try:
        with desk.database.begin() as session:
            what(session, account.me(), desk.now())
    except Refused as error:
        return _page(invoice_id, str(error), 422)
    flash(done, "success")
    return redirect(url_for("corporate.invoice", invoice_id=invoice_id), 303)


def _page(invoice_id: str, problem: str | None = None, status: int = 200) -> Any:
    desk, whole = office(), found(invoice_id)
    here = url_for("corporate_holder.invoice", token=desk.links.invoice_token(invoice_id))
    link = f"{desk.settings.public_url}{here}"
    return render_template(
        "staff/corporate/invoice.html", found=whole, zone=ZoneInfo(whole.site.timezone), link=link, problem=problem
    ), status
