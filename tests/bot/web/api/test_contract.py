"""The OpenAPI document is valid, and whatever a fuzzer sends, the answers are as it says."""

from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import definitions
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    use_after_free,
)

from bot.adapters.web.app import create_app
from bot.settings import Settings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    use_after_free,
]

DOCUMENT = create_app(cast("Any", None), Settings()).openapi()  # to describe needs no service
COMPONENTS = {"components": DOCUMENT["components"]}
schema = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture(scope="module")
def ann(api):
    """A person who is not erased by what the fuzzer sends: the token may all but that."""
    one = api.person("read", "react", "import", "export")
    with one.client:
        yield one


@schema.parametrize()
@settings(
    max_examples=10,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_no_request_breaks_the_server_and_every_answer_is_as_the_document_says(api, ann, case):
    answer = case.call(base_url=api.url, headers={"Authorization": f"Bearer {ann.token}"})
    case.validate_response(answer, checks=CHECKS)  # raises whatever the document does not say
    assert answer.status_code < 500


def test_the_document_is_valid():
    assert list(definitions.OPENAPI_31_VALIDATOR.iter_errors(DOCUMENT)) == []


def test_the_server_hands_out_the_document(api):
    assert httpx.get(f"{api.url}/api/v1/openapi.json").json() == DOCUMENT


def test_the_document_is_openapi_3_1_and_explains_every_operation():
    document = DOCUMENT
    assert document["openapi"].startswith("3.1")
    assert document["info"]["description"]
    for path, operations in document["paths"].items():
        assert path.startswith("/api/v1/"), "pages and /1 are described elsewhere"
        for name, operation in operations.items():
            assert operation["summary"], (path, name)
            assert operation["description"], (path, name)
            assert operation["security"] == [{"HTTPBearer": []}], (path, name)
            assert {"401", "429"} <= operation["responses"].keys(), (path, name)
    for name, model in document["components"]["schemas"].items():
        assert model.get("description"), f"{name} needs a docstring in plain English"


def test_examples_fit_their_schemas():
    misfits = [
        (name, field, error.message)
        for name, model in DOCUMENT["components"]["schemas"].items()
        for field, about in model.get("properties", {}).items()
        for example in about.get("examples", [])
        for error in Draft202012Validator(about | COMPONENTS).iter_errors(example)
    ]
    assert misfits == []
