"""A program that uses the API, as integrations do."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central.store.schema import ApiToken

PREFIX = "/api/v1"


@dataclass
class Program:
    """token: its text, as it is shown once."""

    client: FlaskClient
    token: str
    row: ApiToken

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(PREFIX + path, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> TestResponse:
        named = {"Idempotency-Key": key or str(uuid.uuid4())} | headers
        return self.client.post(PREFIX + path, json={} if body is None else body, headers=self._headers(named))

    def put(self, path: str, body: Any) -> TestResponse:
        return self.client.put(PREFIX + path, json=body, headers=self._headers({}))

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(PREFIX + path, headers=self._headers({}))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **{name.replace("_", "-"): more[name] for name in more}}
