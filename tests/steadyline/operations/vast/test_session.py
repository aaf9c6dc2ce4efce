"""Browsing while others make and drop schemas: what they do meanwhile is no fault of the target's."""

from dataclasses import replace

import vastdb
from s3_target import ACCESS_KEY, SECRET_KEY
from vast_system import connected

from steadyline.attempt import Attempt
from steadyline.operations.vast.backend import BACKEND
from steadyline.operations.vast.session import schema_browse


def browse(endpoint, meanwhile):
    """The outcome of browsing a bucket that is changed so before the answer is verified."""

    def body(client, prepared):
        names = schema_browse.body(client, prepared)
        change(endpoint, meanwhile)
        return names

    with connected(endpoint.target()) as client:
        return Attempt(BACKEND, client)(replace(schema_browse, body=body))


def change(endpoint, does):
    """Do something in the bucket, in a transaction from outside."""
    with vastdb.connect(endpoint=endpoint.url, access=ACCESS_KEY, secret=SECRET_KEY).transaction() as tx:
        does(tx.bucket(endpoint.bucket))


def test_first_schema_made_meanwhile(endpoint):
    """The list of an empty bucket stays right when the first schema is made right after it."""
    outcome = browse(endpoint, lambda bucket: bucket.create_schema("first"))
    assert outcome.ok, outcome.detail


def test_listed_schema_dropped_meanwhile(endpoint):
    """A schema that was listed may be dropped right after it, as a sweep drops what a crashed run left."""
    change(endpoint, lambda bucket: bucket.create_schema("first"))
    outcome = browse(endpoint, lambda bucket: bucket.schema("first").drop())
    assert outcome.ok, outcome.detail
