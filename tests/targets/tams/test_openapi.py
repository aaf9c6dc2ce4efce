"""The OpenAPI document says what is served, and schemathesis finds nothing that contradicts it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tams_target import tams_api

from targets.tams.openapi import document
from targets.tams.routes import OPERATIONS


def test_complete(api):
    """Every operation is described, its paths without converters, HEAD beside GET."""
    described = api.get("/openapi.json").json()
    assert described["openapi"] == "3.1.0"
    expected = {(re.sub(":path", "", one.path), one.method.lower()) for one in OPERATIONS}
    expected |= {(path, "head") for path, method in expected if method == "get"}
    assert {(path, method) for path, methods in described["paths"].items() for method in methods} == expected


def test_references():
    """Every reference of the document is in it."""
    described = document(OPERATIONS)
    wanted = set(re.findall(r"'#/components/schemas/([^']+)'", str(described)))
    assert wanted <= set(described["components"]["schemas"])


def test_operation_ids():
    """No two operations have the same id."""
    ids = [one["operationId"] for methods in document(OPERATIONS)["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))


@pytest.fixture
def alone():
    """An API of its own: what is made up there, such as webhooks of strangers, is nothing for the other tests."""
    with tams_api() as served:
        yield served


def test_schemathesis(alone, tmp_path):
    """Whatever is sent, within a bound of examples, no answer is a 5xx, none of a status or a shape that is not described.

    Left out is the check that all data of the right shape is accepted: that a timerange has its start before its end, or
    that ids do not repeat, no schema can say.
    """
    program = Path(sys.executable).parent / "schemathesis"
    command = [program, "run", f"{alone.url}/openapi.json", "--max-examples=2", "--phases=coverage,fuzzing,stateful"]
    command += ["--checks=all", "--exclude-checks=positive_data_acceptance", "--generation-deterministic"]
    command += ["--exclude-method=HEAD", "--no-color"]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
