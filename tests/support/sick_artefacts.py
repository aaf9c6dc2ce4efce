"""What lies in the targets of a ward, counted from outside: rows, objects, uploads, schemas, transactions."""

from contextlib import closing

import vast_endpoint
from s3_target import boto
from sick_ward import Ward
from sqlalchemy import create_engine, func, select

from steadyline.backend import RUN_PREFIX
from targets.trace.model import Base, database_url


def left(ward: Ward) -> dict[str, int]:
    """How many things lie in each target; of those that are asked through several ways once."""
    databases = {**ward.databases, "sql-steady": f"sqlite:///{ward.sqlite}", "trace": f"sqlite:///{ward.trace}"}
    return {
        **{alias: rows(url) for alias, url in databases.items()},
        **{alias: _in_bucket(*place) for alias, place in ward.buckets.items()},
        **{alias: _in_vast(*place) for alias, place in ward.vast.items()},
        "vast-expiring transactions": ward.open_transactions(),
    }


def rows(url: str) -> int:
    """Rows of all tables."""
    engine = create_engine(database_url(url))
    try:
        with engine.connect() as connection:
            counted = [connection.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables]
    finally:
        engine.dispose()
    return sum(count or 0 for count in counted)


def _in_bucket(url: str, key: str, secret: str, bucket: str) -> int:
    """Objects, and multipart uploads that were never completed."""
    with closing(boto(url, key, secret)) as client:
        objects = sum(
            len(page.get("Contents", [])) for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        )
        return objects + len(client.list_multipart_uploads(Bucket=bucket).get("Uploads", []))


def _in_vast(url: str, key: str, secret: str, bucket: str) -> int:
    """Schemas of ours, with whatever tables are in them."""
    with vast_endpoint.connected(url, key, secret) as session, session.transaction() as tx:
        return sum(schema.name.startswith(RUN_PREFIX) for schema in tx.bucket(bucket).schemas())
