"""What is told because time has passed: paid time that ends soon, passes that run out, the report of the day before."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import news, recipients
from central.actions.billing import OF_STAY, PAID
from central.actions.telling import tell
from central.rules.day_figures import WHOLE_DAY, By, Figure
from central.rules.stay_table import Status
from central.rules.telling import EXPIRES_SOON, REPORT_HOUR, Event
from central.store.schema import DayFigure, Due, Notification, Pass, Reminder, Site, Stay, Violation

AT_ONCE = 200


def expiring(session: Session, now: datetime, after: str = "") -> str | None:
    """Tells of stays whose paid time ends soon, beyond `after` in the order of ids; the last one where there are more.

    Time that was paid ahead: the grace to drive out after a payment is no such time.
    """
    ahead = select(Due.id).where(Due.stay_id == Stay.id, Due.kind == OF_STAY, Due.state.in_(PAID))
    soon = select(Stay).where(
        Stay.closed_at.is_(None), Stay.status == str(Status.PAID), Stay.permit_until > now,
        Stay.permit_until <= now + EXPIRES_SOON, ahead.where(Due.stopped_at > Due.paid_at).exists(), Stay.id > after,
    )  # fmt: skip
    rows = list(session.scalars(soon.order_by(Stay.id).limit(AT_ONCE)))
    for row in rows:
        news.expiring(session, row, now)
    return rows[-1].id if len(rows) == AT_ONCE else None


def passes(session: Session, now: datetime) -> None:
    """Tells holders whose passes run out, as `pass_sales.remind` has written down."""
    waiting = select(Reminder).where(Reminder.sent_at.is_(None)).order_by(Reminder.pass_id).limit(AT_ONCE)
    for reminder in session.scalars(waiting.with_for_update(skip_locked=True)).all():
        news.pass_expiring(session, session.get_one(Pass, reminder.pass_id), now)
        reminder.sent_at = now


def reports(session: Session, now: datetime) -> None:
    """Tells managers of each site what the day before came to, once its morning has come."""
    for site in session.scalars(select(Site).order_by(Site.id)).all():
        wall = now.astimezone(ZoneInfo(site.timezone))
        day = (wall.date() - timedelta(days=1)).isoformat()
        told = select(Notification.id).where(Notification.key == f"{Event.REPORT}:{site.id}:{day}")
        if wall.hour >= REPORT_HOUR and session.scalar(told.limit(1)) is None:
            to = [*recipients.staff(session, "manager", site.id), *recipients.of_site(session, site.id)]
            tell(session, Event.REPORT, f"{site.id}:{day}", to, site.id, now, day=day, **_figures(session, site, day))


def _figures(session: Session, site: Site, day: str) -> dict[str, int]:
    def of_day(figure: Figure) -> int:
        key = (site.id, str(figure), str(By.ALL), day, WHOLE_DAY, "")
        row = session.get(DayFigure, key)
        return 0 if row is None else row.value

    live = select(func.count()).select_from(Violation).where(Violation.site_id == site.id)
    return {
        "arrivals": of_day(Figure.ARRIVALS), "exits": of_day(Figure.EXITS), "taken_paise": of_day(Figure.TAKEN),
        "given_back_paise": of_day(Figure.GIVEN_BACK), "owed_paise": of_day(Figure.OWED),
        "appeals": session.scalar(live.where(Violation.status == "appealed")) or 0,
    }  # fmt: skip
