"""The web pages, one blueprint per audience."""

from central.web.app import create_app

__all__ = ["create_app"]
