"""The OpenAPI document: what is checked in is what the code says, and what the API does is what the document says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import schemathesis
from cheroot.wsgi import Server
from flask import Flask
from jsonschema import Draft202012Validator
from schemathesis.config import (
    CoveragePhaseConfig,
    FuzzingPhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    StatefulPhaseConfig,
)
from schemathesis.engine import events, from_schema

from central.actions import coupon_book, pass_products
from central.api import document
from central.api.operations import OPERATIONS
from central.settings import ApiSettings
from tests.central.api.test_reading_and_writing import came_in
from tests.central.car_park import SITE, START

CHECKED_IN = Path("docs/api/central-openapi.json")


def test_the_document_that_is_checked_in_is_what_the_code_says():
    assert CHECKED_IN.read_text(encoding="utf-8") == document.text(), "run ./parkmeter central openapi again"


def test_anybody_may_read_the_document_and_it_is_the_same(app):
    assert app.test_client().get("/api/v1/openapi.json").json == json.loads(document.text())


def test_every_schema_of_the_document_is_a_json_schema_and_every_name_is_there():
    told = document.document()
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    text = json.dumps(told)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in told["components"]["schemas"]


def test_the_document_has_every_operation_and_no_other():
    told = {(path, method) for path, item in document.document()["paths"].items() for method in item}
    assert told == {(operation.path, operation.method.lower()) for operation in OPERATIONS.values()}


@pytest.mark.slow
def test_whatever_the_document_allows_or_forbids_the_api_keeps_to_it(app, park, program):
    """Examples, coverage of every limit, random requests, and requests that follow from one another; a few of each."""
    made = program()
    came_in(park, timedelta(minutes=50))
    with park.db.begin() as session:
        shop, _ = coupon_book.add_shop(session, SITE, "Book shop", START, "tests")
        coupon_book.make_coupon(session, SITE, "amount", 50_00, START, "tests", shop_id=shop.id)
        pass_products.make_product(session, SITE, "Month", 2_000_00, START, "tests", vehicle_classes=["car"])
    few = GenerationConfig(max_examples=2, database="none")
    project = ProjectConfig(
        headers={"Authorization": f"Bearer {made.token}"},
        generation=few,
        phases=PhasesConfig(
            coverage=CoveragePhaseConfig(enabled=True),
            fuzzing=FuzzingPhaseConfig(generation=few),
            stateful=StatefulPhaseConfig(generation=few, max_steps=4),
        ),
    )
    config = SchemathesisConfig(max_time=40, projects=ProjectsConfig(default=project))
    with served(app) as url:
        found, asked = run(schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json", config=config))
    assert not found, "\n\n".join(found[:10])
    assert asked > 300


def run(schema: schemathesis.BaseSchema) -> tuple[list[str], int]:
    """What is wrong, and how many requests it took to find that."""
    found, asked = [], 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found.append(str(getattr(event, "info", None) or event.exception))
        if isinstance(event, events.ScenarioFinished):
            asked += len(event.recorder.cases)
            checks = [check for checks in event.recorder.checks.values() for check in checks]
            failed = [check.failure_info for check in checks if check.failure_info is not None]
            found += [f"{one.failure.title}: {one.failure.message} {one.code_sample}" for one in failed]
    return found, asked


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = Server(("127.0.0.1", 0), app, numthreads=4)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


@pytest.fixture
def web_settings(web_settings):
    """As often as it likes."""
    return web_settings.model_copy(update={"api": ApiSettings(requests_per_minute=1_000_000)})
