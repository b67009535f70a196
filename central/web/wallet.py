"""Pages of who holds a wallet, behind its own link: topping up, vehicles and their parking, what is told."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from central.actions import accounts, guest, wallet
from central.actions import saved_upi as upi_book
from central.actions.errors import Refused
from central.rules.upi import masked
from central.store.reads import accounts as reads
from central.store.reads import own_stays
from central.web import account_paying
from central.web.account_paying import account_of
from central.web.coupon_desk import new_key
from central.web.money_words import paise
from central.web.office import office


def serve_at(holder: Blueprint) -> None:
    """Adds them to the holders' pages."""
    for rule, view, methods in (
        ("", show_wallet, ["GET"]),
        ("/top-up", top_up, ["POST"]),
        ("/upi", wallet_upi, ["GET"]),
        ("/top-ups/<due_id>", top_up_slip, ["GET"]),
        ("/told-below", tell_below, ["POST"]),
        ("/vehicles/<vehicle_id>", switch, ["POST"]),
        ("/stays/<stay_id>/ask", ask_stay, ["POST"]),
        ("/stays/<stay_id>/upi", stay_upi, ["GET"]),
    ):
        holder.add_url_rule(f"/wallet/<token>{rule}", view_func=view, methods=methods)


def show_wallet(token: str):
    account_paying.hear_provider(account_of(token).attempt)
    return _page(token)


def top_up(token: str):
    """Opens the payment of a top-up; `ask` asks for it in the app of the default UPI ID."""
    desk, found = office(), account_of(token)
    try:
        amount = paise(request.form.get("amount", ""), _("Amount"))
        with desk.database.begin() as session:
            due = wallet.top_up(session, found.account.id, amount, desk.now(), key=request.form.get("key") or None)
    except Refused as error:
        return _page(token, str(error)), 422
    to = (url_for("holder.show_wallet", token=token), url_for("holder.wallet_upi", token=token))
    if request.form.get("do") == "ask":
        return account_paying.ask(due.id, found.account.id, *to, lambda said: _page(token, said))
    return account_paying.pay(due.id, *to, lambda said: _page(token, said))


def wallet_upi(token: str):
    found = account_of(token)
    account_paying.hear_provider(found.attempt)
    here = url_for("holder.show_wallet", token=token)
    if found.top_up is None:
        return redirect(here, 303)
    return account_paying.upi(found.top_up.id, here, found.site.timezone)


def top_up_slip(token: str, due_id: str):
    """What was paid into the wallet, to be printed; the parking that is paid from it has the tax invoice."""
    found = account_of(token)
    with office().database.read() as session:
        slip = reads.top_up(session, found.account.id, due_id)
    if slip is None:
        abort(404, _("There is no such top-up."))
    back = url_for("holder.show_wallet", token=token)
    return render_template("holder/top_up.html", found=found, slip=slip, zone=ZoneInfo(found.site.timezone), back=back)


def tell_below(token: str):
    """From now on its holder is told when the wallet falls below that; never, where nothing is typed."""
    desk, found, typed = office(), account_of(token), request.form.get("below", "").strip()
    try:
        below = paise(typed, _("Amount")) if typed else None
        with desk.database.begin() as session:
            wallet.tell_below(session, found.account.id, below, desk.now(), "holder")
    except Refused as error:
        return _page(token, str(error)), 422
    flash(_("Saved.") if typed else _("You are no longer told."), "success")
    return redirect(url_for("holder.show_wallet", token=token), 303)


def switch(token: str, vehicle_id: str):
    """The wallet pays for that vehicle at the exit by itself, or does no longer."""
    desk, found, on = office(), account_of(token), request.form.get("on") == "yes"
    try:
        with desk.database.begin() as session:
            accounts.switch(session, found.account.id, vehicle_id, on, desk.now(), "holder")
    except Refused as error:
        return _page(token, str(error)), 422
    flash(_("The wallet pays at the exit by itself.") if on else _("You are asked at the exit."), "success")
    return redirect(url_for("holder.show_wallet", token=token), 303)


def ask_stay(token: str, stay_id: str):
    """The price of a vehicle's parking is held, and asked for in the app of the default UPI ID."""
    desk, found = office(), _own(token, stay_id)
    with desk.database.begin() as session:
        due = guest.ask_price(session, stay_id, desk.now())
    here = url_for("holder.show_wallet", token=token)
    if due is None:
        return redirect(here, 303)  # paid, or let go, in this very moment: the page says so
    code = url_for("holder.stay_upi", token=token, stay_id=stay_id)
    return account_paying.ask(due.id, found.account.id, here, code, lambda said: _page(token, said))


def stay_upi(token: str, stay_id: str):
    desk, found = office(), _own(token, stay_id)
    with desk.database.read() as session:
        bill, attempt = guest.bill(session, stay_id, desk.now()), None
        if bill.due_id is not None:
            attempt = reads.latest_attempt(session, bill.due_id)
    account_paying.hear_provider(attempt)
    here = url_for("holder.show_wallet", token=token)
    if bill.due_id is None:
        return redirect(here, 303)
    return account_paying.upi(bill.due_id, here, found.site.timezone)


def _own(token: str, stay_id: str) -> reads.AccountDetail:
    """The account, where that stay is one of its own vehicles', or booked by it."""
    found = account_of(token)
    with office().database.read() as session:
        own = own_stays.is_own(session, found.account.id, stay_id)
    return found if own else abort(404, _("There is no such parking."))


def _page(token: str, problem: str | None = None) -> str:
    found, desk = account_of(token), office()
    with desk.database.read() as session:
        holds, upi_ids = wallet.balance(session, found.account.id), upi_book.saved(session, found.account.id)
        bills = [guest.bill(session, row.id, desk.now()) for row in own_stays.own_stays(session, found.account.id)]
    return render_template(
        "holder/wallet.html", found=found, holds=holds, upi_ids=upi_ids, masked=masked, token=token, key=new_key(),
        zone=ZoneInfo(found.site.timezone), problem=problem, typed=request.form.get("amount", "")[:14], bills=bills,
        asks=account_paying.offered(found.account.id), pay_token=desk.links.pay_token, now=desk.now(),
    )  # fmt: skip
