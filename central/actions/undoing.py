"""Takes a correction back: what it changed is put back exactly, unless something that happened since stands on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.actions import before_images, billing, corporate_corrections, coupon_uses, ledger, violation_review
from central.actions.audit import audit
from central.actions.corrections import NOTED, Who, no_clash, telling
from central.actions.errors import Refused
from central.actions.outbox import publish_stay
from central.actions.records import as_rule, hold, lock_site, note, put
from central.actions.settling import reprice, settle
from central.actions.staff import ROLES
from central.rules import corrections as rules
from central.rules.corrections import Kind
from central.rules.due import AttemptStatus
from central.rules.money import rupees
from central.rules.stay_table import Status
from central.store.schema import Attempt, Correction, CorrectionImage, Coupon, CouponUse, Due, Refund, Stay

_BESIDE = ("coupon_use", "violation", "notice_due")
# a person may be asked to look at a stay at any time: that hinders nothing
_MAY_DIFFER = {"review", "closed_at"}
_WORDS = {
    "plate": "its plate",
    "vehicle_class": "its class",
    "requested_at": "it has asked to leave",
    "exited_at": "it has left",
    "status": "its status",
    "joined_to": "what it is joined to",
}


def undo(session: Session, correction_id: str, who: Who, reason: str, now: datetime) -> Correction:
    """Everything as it was before. Refused, with the reason, where a payment or anything else has built on it since."""
    found = session.get(Correction, correction_id)
    if found is None:
        raise Refused("there is no such correction")
    with telling("reason"):
        reason = rules.checked_reason(reason)
    with telling():
        lock_site(session, found.site_id)
        done = session.get_one(Correction, correction_id, with_for_update=True, populate_existing=True)
        if not who.may(Kind(done.kind)) or who.role not in ROLES:
            raise Refused(f"a {who.role} may not undo this: ask a {rules.TABLE[Kind(done.kind)][0]}")
        if done.undone_at is not None:
            raise Refused("this correction has been undone already")
        images = list(session.scalars(select(CorrectionImage).where(CorrectionImage.correction_id == done.id)))
        rows = [hold(session, one.row_id) for one in sorted(images, key=lambda one: one.row_id) if one.of == "stay"]
        stays = {row.id: row for row in [*rows, hold(session, done.stay_id)]}
        why_not = stands_on(session, done, images, list(stays), now)
        if why_not:
            raise Refused(why_not)
        off = corporate_corrections.undone(session, done, images, stays.values(), now, who.name, reason)
        _put_back(session, images, stays, now)
        for row in corporate_corrections.restored(session, stays.values(), off, now):
            settle(session, row, now)
    done.undone_at, done.undone_by, done.undone_reason = now, who.name, reason
    for row in stays.values():
        note(session, row, now, "undone", who.name, what=NOTED[Kind(done.kind)], why=reason, undone=done.id)
    audit(session, now, who.name, "stay: undone", done.stay_id, correction=done.id, why=reason)
    session.flush()
    return done


def stands_on(
    session: Session, done: Correction, images: list[CorrectionImage], stay_ids: list[str], now: datetime
) -> str:
    """What has happened since that stands on a correction, in a sentence; "" where nothing has."""
    return (
        _later_correction(session, done, stay_ids)
        or _money_since(session, done, images, stay_ids, now)
        or _coupon_since(session, images)
        or next((why for image in images if image.of == "stay" and (why := _differs(session, image))), "")
    )


def _later_correction(session: Session, done: Correction, stay_ids: list[str]) -> str:
    touching = (
        select(Correction)
        .join(CorrectionImage, CorrectionImage.correction_id == Correction.id)
        .where(CorrectionImage.row_id.in_(stay_ids), Correction.undone_at.is_(None), Correction.id > done.id)
    )
    later = session.scalar(touching.order_by(Correction.id.desc()).limit(1))
    if later is None:
        return ""
    return f"“{NOTED[Kind(later.kind)]}” was done since, at {later.at:%d %b %H:%M} UTC: undo that first"


def _money_since(
    session: Session, done: Correction, images: list[CorrectionImage], stay_ids: list[str], now: datetime
) -> str:
    notices = [image.row_id for image in images if image.of == "notice_due"]
    of_stays = (Due.stay_id.in_(stay_ids), or_(Due.kind == billing.OF_STAY, Due.id.in_(notices)))
    paid = session.scalar(select(Due.amount_paise).where(*of_stays, Due.paid_at >= done.at).limit(1))
    if paid is not None:
        return f"{rupees(paid)} was paid since: that payment stands on it"
    tries = select(Attempt).join(Due, Due.id == Attempt.due_id).where(*of_stays)
    back = session.scalar(
        select(Refund.amount_paise)
        .join(Attempt, Attempt.id == Refund.attempt_id)
        .join(Due, Due.id == Attempt.due_id)
        .where(*of_stays, Refund.created_at >= done.at)
        .limit(1)
    )
    if back is not None:
        return f"{rupees(back)} was given back since"
    alive = [str(AttemptStatus.CREATED), str(AttemptStatus.PENDING)]
    begun = session.scalar(tries.where(Attempt.state.in_(alive), Attempt.expires_at > now).limit(1))
    return "" if begun is None else f"a payment of {rupees(begun.amount_paise)} is under way: wait until it has ended"


def _coupon_since(session: Session, images: list[CorrectionImage]) -> str:
    """A coupon that the correction gave back, where so many have taken it since that its limit would be broken."""
    wanted: Counter[tuple[str, str]] = Counter()
    for image in _kept(session, images, "coupon_use"):
        if image.before.get("state") in (coupon_uses.HELD, coupon_uses.USED):
            use = session.get_one(CouponUse, image.row_id)
            if use.state == coupon_uses.RETURNED:
                wanted[use.coupon_id, use.day] += 1
    in_all: Counter[str] = Counter()
    for (coupon_id, day), times in wanted.items():
        coupon = session.get_one(Coupon, coupon_id)
        in_all[coupon_id] += times
        taken = coupon_uses.taken(session, coupon, day, "")
        over_all = coupon.per_code is not None and taken.in_all + in_all[coupon_id] > coupon.per_code
        if over_all or (coupon.per_day is not None and taken.today + times > coupon.per_day):
            return f"coupon {coupon.code}, which it had, has been taken by others since"
    return ""


def _kept(session: Session, images: list[CorrectionImage], of: str) -> list[CorrectionImage]:
    """Images of such rows which are as the correction left them."""
    return [one for one in images if one.of == of and before_images.current(session, one) == one.after]


def _differs(session: Session, image: CorrectionImage) -> str:
    """What has become of a stay since, where the correction had changed, or made, just that."""
    now = before_images.current(session, image)
    columns = [name for name in now if now[name] != image.after[name] and name not in _MAY_DIFFER]
    if not columns:
        return ""
    named = next((_WORDS[name] for name in _WORDS if name in columns), columns[0].replace("_", " "))
    return f"something has happened to the stay since: {named}"


def _put_back(session: Session, images: list[CorrectionImage], stays: dict[str, Stay], now: datetime) -> None:
    dues = {image.row_id: image for image in images if image.of == "due"}
    drifted = {row_id for row_id, image in dues.items() if before_images.current(session, image) != image.after}
    for image in dues.values():
        if image.before is None:
            _no_longer_asked(session, image.row_id, now)
    # what a coupon or notice has come to since, it stays: only whose it is follows its stay
    beside = {id(one): one for of in _BESIDE for one in _kept(session, images, of)}
    for image in images:
        if image.of in _BESIDE:
            before_images.put_back(session, image, whose=id(image) not in beside)
        elif image.before is not None and image.row_id not in drifted:
            before_images.put_back(session, image)
    for image in images:
        if image.of == "stay" and image.before is None:
            row = stays[image.row_id]
            put(session, row, replace(as_rule(row), status=Status.VOID), now)
    session.flush()
    for row in stays.values():
        no_clash(session, row.site_id, as_rule(row))
        publish_stay(session, row, now)
        if coupon_uses.keep_what_fits(session, row, now):  # taken since, beside what it had
            reprice(session, row, now, ask=False)
        if drifted:
            settle(session, row, now)
        else:
            ledger.follow(session, row, billing.unpaid_due(session, row.id), now)
            coupon_uses.ended(session, row, now)
            violation_review.follow(session, row, now)


def _no_longer_asked(session: Session, due_id: str, now: datetime) -> None:
    """A due that the correction led to is given up, where it is still unpaid."""
    due = session.get_one(Due, due_id)
    row = session.get_one(Stay, due.stay_id)
    unpaid = billing.unpaid_due(session, row.id)
    if unpaid is not None and unpaid.id == due_id:
        billing.waive_unpaid(session, row, now, "undone")
