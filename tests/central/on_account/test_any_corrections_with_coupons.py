"""Whatever is corrected and taken back on stays with coupons: limits hold, and undoing gives every use back exactly."""

from __future__ import annotations

from collections import Counter
from functools import partial

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from central.actions import coupons, undoing
from central.actions.errors import Refused
from central.settings import Settings
from central.store.schema import Coupon, CouponUse
from tests.central.accounts.coupons import make
from tests.central.car_park import CarPark, minutes
from tests.central.conftest import emptied
from tests.central.corrections.desk import corrections, sound
from tests.central.corrections.test_any_corrections import (
    by_supervisor,
    correction,
    database,
    happen,
    try_to,
)
from tests.central.visits import enter

__all__ = ["database"]

CODES = {"ONCE": {"per_code": 1}, "TWICE": {"per_code": 2, "stackable": True}, "DAILY": {"per_day": 2}}
JOINING = ("merge", "split_exit", "split_visit", "plate", "class", "void", "gone", "reopen")
steps = st.lists(
    st.tuples(
        st.sampled_from(("enter", "request", "pay", "leave", *("coupon",) * 4, *JOINING, "merge", "merge", "undo")),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    min_size=5,
    max_size=14,
)


def whole(park: CarPark) -> dict[str, tuple]:
    with park.db.read() as session:
        return {
            use.id: (use.stay_id, use.state, use.due_id, use.changed_at, use.why)
            for use in session.scalars(select(CouponUse))
        }


def limits_hold(park: CarPark) -> None:
    with park.db.read() as session:
        live = list(
            session.execute(select(CouponUse, Coupon).join(Coupon).where(CouponUse.state.in_(("held", "used"))))
        )
    book = {coupon.id: coupon for _, coupon in live}
    for coupon_id, times in Counter(use.coupon_id for use, _ in live).items():
        assert book[coupon_id].per_code is None or times <= book[coupon_id].per_code
    for (coupon_id, _), times in Counter((use.coupon_id, use.day) for use, _ in live).items():
        assert book[coupon_id].per_day is None or times <= book[coupon_id].per_day
    for (coupon_id, stay_id), times in Counter((use.coupon_id, use.stay_id) for use, _ in live).items():
        assert times <= book[coupon_id].per_stay, stay_id
    for stay_id in {use.stay_id for use, _ in live}:
        of_it = {coupon.id: coupon for use, coupon in live if use.stay_id == stay_id}
        assert len(of_it) == 1 or all(coupon.stackable for coupon in of_it.values())


def take(park: CarPark, stay: str, which: int, at: float) -> None:
    try:
        with park.db.begin() as session:
            coupons.apply(session, stay, sorted(CODES)[which % len(CODES)], minutes(at), by="driver")
    except Refused:
        pass


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps)
def test_no_correction_breaks_a_coupons_limit_and_each_is_undone_exactly(database, tmp_path_factory, steps):
    park = CarPark(emptied(database), Settings(data_dir=tmp_path_factory.getbasetemp()))
    for code, terms in CODES.items():
        make(park, code, "amount", 1_000, **terms)
    enter(park, 1)
    enter(park, 2, "DL1CAB1Z34")
    for at, (what, which, pick) in enumerate(steps, 3):
        at *= 25
        stays = sorted(stay.id for stay in park.stays())
        stay, other = stays[pick % len(stays)], stays[which % len(stays)]
        if what == "coupon":
            take(park, stay, which, at)
        elif what == "undo" and corrections(park):
            try_to(park, partial(undoing.undo, correction_id=corrections(park)[-1].id, **by_supervisor(at)))
        elif what in JOINING:
            before = whole(park)
            act = partial(correction, what=what, stay=stay, other=other, which=which, at=at)
            if try_to(park, act):
                limits_hold(park)
                back = partial(undoing.undo, correction_id=corrections(park)[-1].id, **by_supervisor(at))
                assert try_to(park, back)
                assert whole(park) == before
                try_to(park, act)
        elif what != "undo":
            happen(park, what, which, at)
        sound(park)
        limits_hold(park)
