"""Who may open which page: every route of the application with every kind of visitor. A route missing here fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from central.actions import login
from central.rules import people
from central.store.schema import User
from central.web.limits import limiter
from tests.central.people.drivers import VISIT, driver, member
from tests.central.web.town import now

# who may, at least -> endpoints. "anyone": guests too, where the link itself is the key, or a machine's token;
# "person": staff and drivers alike; "driver": drivers alone
ROUTES = {
    "anyone": """
        api_document.openapi bootstrap.static corporate_holder.credit_note corporate_holder.firm
        corporate_holder.invoice corporate_holder.lines_csv corporate_holder.pay corporate_holder.pay_invoice
        corporate_holder.upi coupons.code coupons.shop coupons.take coupons.take_off coupons.validate
        door.forgot door.forgot_again door.forgot_code door.invitation door.register door.register_again
        door.register_code driver.begin_payment driver.enter_ticket driver.help driver.link_ticket driver.open_ticket
        driver.pay driver.receipt driver.stay driver.upi holder.ask_pass holder.ask_stay holder.change_upi
        holder.pass_receipt holder.pass_upi holder.pay_pass holder.renew_pass holder.save_upi holder.show_pass
        holder.show_wallet holder.stay_upi holder.switch holder.tell_below holder.top_up holder.top_up_slip
        holder.wallet_upi languages.choose machines.ca machines.enrol machines.healthz machines.put_image
        machines.rotate machines.webhook notices.appeal notices.begin_payment notices.picture notices.receipt
        notices.show notices.upi paid_ahead.book paid_ahead.book_on_account paid_ahead.dispute
        paid_ahead.pay_ahead privacy.notice staff.home staff.log_in staff.second_factor staff.set_up static
        told.ask_stop told.choices told.choose told.contact told.give_contact told.inbox told.read told.stop
    """,
    "person": """
        me.profile security.contact security.contact_code security.end_others security.end_session
        security.enrol security.password security.recovery_codes security.remove_phone
        security.second_factor_off security.show staff.log_out
    """,
    "driver": """
        me.ask_office me.claim me.data me.erase me.home me.let_go me.messages me.notices me.now me.read_messages
        me.stay_after_all me.stays me.take_away me.vehicles
    """,
    "attendant": """
        accounts.listed accounts.one accounts.one_pass accounts.passes accounts.register accounts.sell
        accounts.take accounts.top_up_here accounts.top_up_slip accounts.unregister corrections.correct
        corrections.enter corrections.undo coupons.at_till lanes.now lanes.one lanes.open_barrier lanes.show
        money.ask money.close_shift money.drop money.home money.one money.open_shift money.pay money.shift
        stays.listed stays.one stays.picture stays.receipt tariffs.attempt tariffs.draft tariffs.export
        tariffs.export_draft tariffs.listed tariffs.version unapplied.listed violations.listed violations.one
        violations.tell
        lanes.call review.again review.decide review.listed
    """,
    "supervisor": """
        accounts.give_up accounts.open_account accounts.pay_out claims.decide claims.listed
        corporate.add_members corporate.credit_note corporate.invoice corporate.lines_csv corporate.listed
        corporate.looked_at corporate.one corporate.record corporate.remove_member corporate.statement
        coupons.listed coupons.one dashboard.now dashboard.show gates.listed gates.one gates.order lanes.order
        money.card_days money.credit_note money.days money.decide_odd money.give_back money.hold_back
        money.listed money.odd money.postings money.reconciliation money.record_payout money.refund_page
        money.take_file money.trial notifications.letter notifications.listed notifications.mine
        notifications.read notifications.templates reports.as_csv reports.show unapplied.mark_seen
        violations.decide violations.raise_one
        lists.download lists.listed
    """,
    "manager": """
        accounts.end_product accounts.make_product audit.as_csv audit.check audit.listed audit.one
        audit.pictures corporate.credit corporate.invoice_now corporate.lift corporate.open_firm
        corporate.suspend corporate.take_back corporate.terms corporate.write_off coupons.add_shop coupons.end
        coupons.end_shop coupons.make coupons.new_link dashboard.capacity money.carry money.close
        money.resolve money.strike_out_payout notifications.again retention.lift retention.place
        retention.runs retention.show tariffs.change tariffs.new_draft tariffs.withdraw violations.rules
        lists.load lists.put lists.remove
    """,
    "administrator": """
        integrations.add_webhook integrations.again integrations.end_token integrations.end_webhook
        integrations.listed integrations.make_token integrations.new_secret integrations.send_test
        integrations.webhook
        people.end_sessions people.invite people.listed people.one people.second_factor_off people.set_post
        people.switch people.withdraw
        psp_console.answer psp_console.one psp_console.show psp_console.trouble
    """,
}
# opened by a token in a header alone, never by a cookie; its own tests walk its scopes
OF_TOKENS = "api."
# whoever comes to it is led to the log-in: without a password shown before there is nothing to type a code for
LEAD_TO_LOG_IN = ("staff.second_factor",)
# files; and logging out, which ends at the log-in for whoever was in and for whoever was not
UNTRIED = {"static", "bootstrap.static", "staff.log_out"}
VISITORS = ("guest", people.DRIVER, *reversed(people.STAFF))
TABLE = {endpoint: who for who, endpoints in ROUTES.items() for endpoint in endpoints.split()}


def admitted(who: str, visitor: str) -> bool:
    if who == "anyone":
        return True
    if who == "person":
        return visitor != "guest"
    if who == people.DRIVER or visitor not in people.STAFF:
        return visitor == who
    return people.STAFF.index(visitor) <= people.STAFF.index(who)


@pytest.fixture
def visitors(app: Flask, park) -> Iterator[dict[str, FlaskClient]]:
    """One of each kind. Forms need no token here: what is asked is who is let in at all."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    limiter.enabled = False
    made = {"guest": app.test_client()}
    users: dict[str, User] = {role: member(park.db, role) for role in people.STAFF}
    users[people.DRIVER] = driver(park.db, at=now())
    for kind, user in users.items():
        with park.db.begin() as session:
            _, token = login.logged_in(session, user.id, now(), VISIT)
        made[kind] = app.test_client()
        with made[kind].session_transaction() as cookie:
            cookie["token"] = token
    yield made
    limiter.enabled = True


def rules_of(app: Flask) -> dict[str, Rule]:
    """One rule of each endpoint."""
    return {rule.endpoint: rule for rule in app.url_map.iter_rules()}


def refused(visitor: FlaskClient, path: str, rule: Rule) -> bool:
    """Turned away at the door; what the page itself says of a thing that is not there does not matter."""
    method = "GET" if "GET" in rule.methods else next(iter(rule.methods - {"HEAD", "OPTIONS"}))
    answer = visitor.open(path, method=method)
    assert answer.status_code != 500, f"{method} {path}"
    answer.close()
    to_log_in = answer.status_code == 303 and answer.location.split("?")[0] == "/login"
    return answer.status_code == 403 or (to_log_in and rule.endpoint not in LEAD_TO_LOG_IN)


def test_every_route_is_in_the_table_and_nothing_else_is(app):
    routes = {endpoint for endpoint in rules_of(app) if not endpoint.startswith(OF_TOKENS)}
    assert routes == set(TABLE)


@pytest.mark.parametrize("who", ROUTES)
def test_a_page_lets_in_whom_the_table_says_and_nobody_else(app, visitors, who):
    rules = rules_of(app)
    wrong = []
    for endpoint in sorted(set(ROUTES[who].split()) - UNTRIED):
        rule = rules[endpoint]
        args = {name: 1 if "int" in str(rule) else "x" for name in rule.arguments - set(rule.defaults or ())}
        with app.test_request_context():
            path = url_for(endpoint, **args)
        for kind in VISITORS:
            if refused(visitors[kind], path, rule) is admitted(who, kind):
                wrong.append(f"{endpoint}: {kind}")
    assert not wrong


def test_no_cookie_opens_the_api(app, visitors):
    for endpoint, rule in rules_of(app).items():
        if endpoint.startswith(OF_TOKENS) and not rule.arguments:
            method = "GET" if "GET" in rule.methods else "POST"
            codes = {visitor.open(str(rule), method=method).status_code for visitor in visitors.values()}
            assert codes == {401}, endpoint
