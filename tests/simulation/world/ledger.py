"""The money of a world, counted twice: by what payers have lost for good, and by what central's books say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing
from central.actions.billing import lines_from_json
from central.rules import invoice
from central.rules.pricing import price
from central.rules.quote import PricedStay
from central.store.schema import Attempt, Due, Receipt, Refund, Stay
from tests.simulation.world.psp import Psp


def problems(session: Session, psp: Psp) -> Iterator[str]:
    """Everything that is wrong with the money, once all has settled."""
    kept = _kept_by_stay(session, psp)
    for stay in session.scalars(select(Stay).order_by(Stay.id)):
        yield from _stay(session, stay, kept.get(stay.id, 0))
    for due in session.scalars(select(Due).order_by(Due.id)):
        yield from _due(session, due)
    for refund in session.scalars(select(Refund)):
        if refund.state != "done":
            yield f"refund {refund.id} of {refund.amount_paise} is {refund.state}"
    serials = sorted(session.scalars(select(Receipt.serial)))
    numbers = [int(serial.rsplit("/", 1)[1]) for serial in serials]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"invoice numbers are {numbers}"


def _kept_by_stay(session: Session, psp: Psp) -> dict[str, int]:
    """What the provider's payers have lost for good, by stay."""
    stays = {
        attempt_id.replace("-", ""): stay_id
        for attempt_id, stay_id in session.execute(select(Attempt.id, Due.stay_id).join(Due, Due.id == Attempt.due_id))
    }
    kept: dict[str, int] = defaultdict(int)
    for reference, book in psp.books.items():
        kept[stays[reference]] += book.kept_paise
    return kept


def _stay(session: Session, stay: Stay, kept_paise: int) -> Iterator[str]:
    booked = billing.paid_paise(session, stay.id)
    if booked != kept_paise:
        yield f"stay {stay.plate}: the books say {booked} paise were paid, its payers have lost {kept_paise}"
    if kept_paise == 0:
        return
    tariff = billing.tariff_of(session, stay)
    if tariff is None or stay.entered_at is None:
        yield f"stay {stay.plate}: {kept_paise} paise were kept and it has no price"
        return
    dues = list(session.scalars(select(Due).where(Due.stay_id == stay.id, Due.state.in_(billing.PAID))))
    until = max(due.stopped_at for due in dues)
    most = price(tariff, PricedStay(stay.entered_at, stay.vehicle_class, until), until).total_paise
    if kept_paise > most:
        yield f"stay {stay.plate}: {kept_paise} paise were kept, its price is {most}"


def _due(session: Session, due: Due) -> Iterator[str]:
    receipts = list(session.scalars(select(Receipt).where(Receipt.due_id == due.id)))
    wanted = 1 if due.state in billing.PAID else 0
    if len(receipts) != wanted:
        yield f"due {due.id} is {due.state} and has {len(receipts)} receipts"
    for receipt in receipts:
        if receipt.total_paise != due.amount_paise:
            yield f"receipt {receipt.serial} is over {receipt.total_paise}, its due over {due.amount_paise}"
        totals = invoice.recompute(lines_from_json(receipt.lines), receipt.tax_rate_bp, receipt.tax_included)
        tax = receipt.cgst_paise + receipt.sgst_paise + receipt.igst_paise
        stored = invoice.Totals(receipt.taxable_paise, tax, receipt.rounding_paise, receipt.total_paise)
        if totals != stored:
            yield f"receipt {receipt.serial} says {stored}, its lines {totals}"
