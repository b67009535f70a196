"""Every kind of thing, imported once so that its operations are declared."""

from central.api.resources import (
    access,
    accounts,
    apds,
    coupons,
    events,
    gates,
    money,
    passes,
    receipts,
    sites,
    stays,
    tariffs,
    violations,
    webhooks,
)

__all__ = [
    "access",
    "accounts",
    "apds",
    "coupons",
    "events",
    "gates",
    "money",
    "passes",
    "receipts",
    "sites",
    "stays",
    "tariffs",
    "violations",
    "webhooks",
]
