"""Wiring of the pages: settings -> database, provider, security -> blueprints."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from central import keys
from central.links import Links
from central.payments.choose import provider, webhook_path
from central.settings import Settings
from central.store.database import Database
from central.web import machines, pages
from central.web.accounts import accounts
from central.web.corrections import corrections
from central.web.coupons import coupons
from central.web.driver import driver
from central.web.holder import holder
from central.web.lanes import lanes
from central.web.limits import limiter
from central.web.money import money
from central.web.notices import notices
from central.web.office import EXTENSION, Office
from central.web.paid_ahead import paid_ahead
from central.web.staff import staff
from central.web.stays import stays
from central.web.tariff_try import tariffs
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
    Babel(app)
    limiter.init_app(app)
    csrf = CSRFProtect(app)
    pages.init_app(app, secure=secure)
    called_by_machines = machines.blueprint(webhook_path(taking.name))
    csrf.exempt(called_by_machines)
    app.register_blueprint(called_by_machines)
    staffs = (staff, lanes, stays, corrections, unapplied, tariffs, money, violations)
    for audience in (driver, paid_ahead, notices, coupons, accounts, holder, *staffs):
        app.register_blueprint(audience)
    return app
