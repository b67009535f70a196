"""Which site a staff page is about."""

from __future__ import annotations

from flask import abort, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from central.store.reads import sites
from central.store.schema import Site
from central.web import account


def chosen_site(session: Session) -> tuple[list[Site], Site]:
    """All sites, and the one that the query names, else where the visitor works, else the first."""
    known = sites.sites(session)
    if not known:
        abort(404, _("There is no site yet: `python -m central site add` makes one."))
    wanted = request.args.get("site")
    home = next((one for one in known if one.id == account.current().site_id), known[0])
    site = next((one for one in known if one.id == wanted), home if not wanted else None)
    if site is None:
        abort(404, _("There is no such site."))
    return known, site
