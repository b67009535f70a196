"""Wiring of the pages: settings -> database, provider, security -> blueprints."""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from central import keys
from central.api import serve as api
from central.links import Links
from central.payments.choose import provider, webhook_path
from central.settings import Settings
from central.store.database import Database
from central.web import compress, languages, machines, pages, refusals
from central.web.accounts import accounts
from central.web.audit import audit
from central.web.corporate import corporate
from central.web.corporate_holder import corporate_holder
from central.web.corrections import corrections
from central.web.coupons import coupons
from central.web.dashboard import dashboard
from central.web.driver import driver
from central.web.gates_page import gates
from central.web.holder import holder
from central.web.integrations import integrations
from central.web.lanes import lanes
from central.web.limits import limiter
from central.web.lists import lists
from central.web.me import me
from central.web.me_security import security
from central.web.money import money
from central.web.notices import notices
from central.web.notifications import notifications
from central.web.office import EXTENSION, Office
from central.web.paid_ahead import paid_ahead
from central.web.people import people
from central.web.people_claims import claims
from central.web.people_door import door
from central.web.privacy import privacy
from central.web.psp_console import psp_console
from central.web.reports import reports
from central.web.retention import retention
from central.web.review import review
from central.web.staff import staff
from central.web.stays import stays
from central.web.tariff_try import tariffs
from central.web.told import stop, told
from central.web.unapplied import unapplied
from central.web.violations import violations


def create_app(settings: Settings) -> Flask:
    """The pages over one database; SettingsError when a secret is missing."""
    app = Flask(__name__)
    secure = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=keys.read(settings, keys.WEB),
        MAX_CONTENT_LENGTH=3 * 1024 * 1024,
        BOOTSTRAP_SERVE_LOCAL=True,
        # only https may carry a __Host- cookie
        SESSION_COOKIE_NAME="__Host-parkmeter" if secure else "parkmeter",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=12 * 3600,
    )
    if settings.http.trusted_proxies:
        hops = settings.http.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    taking = provider(settings)
    app.extensions[EXTENSION] = Office(settings, Database(settings.database), taking, Links.of(settings))
    Bootstrap5(app)
    languages.init_app(app)
    refusals.init_app(app)
    limiter.init_app(app)
    csrf = CSRFProtect(app)
    pages.init_app(app, secure=secure)
    compress.init_app(app)
    for without_cookies in api.serve_at(app, app.extensions[EXTENSION], pages.problem):
        csrf.exempt(without_cookies)
    called_by_machines = machines.blueprint(webhook_path(taking.name))
    csrf.exempt(called_by_machines)
    app.register_blueprint(called_by_machines)
    of_firms = (corporate, corporate_holder)
    of_privacy = (audit, retention, privacy)
    csrf.exempt(stop)  # a mail program unsubscribes without having loaded a page of ours
    for of_messages in (told, notifications):
        app.register_blueprint(of_messages)
    staffs = (staff, lanes, stays, corrections, unapplied, tariffs, money, violations, dashboard, reports, gates)
    for of_the_desk in (review, lists, psp_console):
        app.register_blueprint(of_the_desk)
    for of_people in (door, security, me, people, claims):
        app.register_blueprint(of_people)
    app.register_blueprint(integrations)
    for audience in (driver, paid_ahead, notices, coupons, accounts, holder, *of_firms, *of_privacy, *staffs):
        app.register_blueprint(audience)
    return app
