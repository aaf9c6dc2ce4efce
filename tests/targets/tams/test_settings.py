"""Settings out of the environment: all faults at once, and no secret in any of them."""

import pytest

from targets.serving import USAGE, CannotStart
from targets.tams.settings import read_settings

GOOD = {
    "VAST_ENDPOINT": "http://127.0.0.1:9001",
    "VAST_ACCESS_KEY": "vast",
    "VAST_SECRET_KEY": "s3cret-of-vast",
    "VAST_BUCKET": "tams",
    "VAST_SCHEMA": "tams_1",
    "S3_ENDPOINT_URL": "https://s3.example",
    "S3_ACCESS_KEY_ID": "s3",
    "S3_SECRET_ACCESS_KEY": "s3cret-of-s3",
    "S3_BUCKET_NAME": "media",
}


def test_good():
    """What is set is taken; region and public URL have defaults, and secrets are not shown."""
    settings = read_settings(GOOD)
    assert (settings.vast.bucket, settings.vast.schema) == ("tams", "tams_1")
    assert (settings.s3.region, settings.s3.public_url) == ("us-east-1", "https://s3.example")
    assert "s3cret" not in repr(settings)
    assert read_settings(GOOD, "http://media.example:8080").s3.public_url == "http://media.example:8080"


FAULTS = {
    "a word": ("VAST_ENDPOINT", "vast.example", "VAST_ENDPOINT: must be a URL"),
    "another scheme": ("S3_ENDPOINT_URL", "ftp://s3.example", "S3_ENDPOINT_URL: must be a URL"),
    "no port at all": ("S3_ENDPOINT_URL", "http://s3.example:x", "S3_ENDPOINT_URL: must be a URL"),
    "a key in the URL": ("VAST_ENDPOINT", "http://u:s3cret@h", "VAST_ENDPOINT: must be scheme, host and port only"),
    "a host that the AWS SDK does not take": ("S3_ENDPOINT_URL", "http://my_host:9000", "S3_ENDPOINT_URL: its host may have"),
    "a path": ("S3_ENDPOINT_URL", "http://h/path", "S3_ENDPOINT_URL: must be scheme, host and port only"),
    "no bucket": ("S3_BUCKET_NAME", "No_Bucket", "S3_BUCKET_NAME: must be a bucket's name"),
    "no schema": ("VAST_SCHEMA", "a/b", "VAST_SCHEMA: must be a schema's name"),
    "a secret of two lines": ("S3_SECRET_ACCESS_KEY", "s3cret\nmore", "S3_SECRET_ACCESS_KEY: must be printable ASCII"),
    "no region": ("S3_REGION", "us west", "S3_REGION: must be a region's name"),
    "nothing": ("VAST_SECRET_KEY", "", "VAST_SECRET_KEY: not set"),
}


@pytest.mark.parametrize(("name", "value", "words"), FAULTS.values(), ids=FAULTS)
def test_fault(name, value, words):
    """Each fault is told by its setting's name, without its value."""
    with pytest.raises(CannotStart, match=words) as told:
        read_settings({**GOOD, name: value})
    assert told.value.exit_code == USAGE
    assert "s3cret" not in str(told.value)


def test_all_faults_at_once():
    """An empty environment names every setting that is needed, in one message."""
    with pytest.raises(CannotStart) as told:
        read_settings({}, "nonsense")
    assert all(f"{name}: not set" in str(told.value) for name in GOOD)
    assert "--s3-public-url: must be a URL" in str(told.value)
