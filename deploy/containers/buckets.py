"""The bucket that the operations on S3 work in, made where the stack's S3 has none: `python -m deploy.containers.buckets`."""

import os
import sys
import time
from collections.abc import Callable

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from steadyline import settings as settings_module
from steadyline.errors import ConfigurationError, SteadylineError, UnreachableError, complain
from steadyline.settings import EMBEDDED, Settings
from steadyline.target import Target

WAIT_SECONDS = 60.0
PAUSE_SECONDS = 0.5
ANSWER_SECONDS = 5
_REFUSED = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "403")
_THERE = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")


def make(settings: Settings, sleep: Callable[[float], None] = time.sleep, wait_seconds: float = WAIT_SECONDS) -> str:
    """Make the bucket of the stack's own S3; answer one sentence.

    Raises:
        ConfigurationError: S3 refuses the key.
        UnreachableError: it does not answer in time.
    """
    target = settings.targets_of("s3").get(EMBEDDED)
    if target is None:
        return "s3: a target of yours is measured; nothing to make"
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return _made(target)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _REFUSED:
                raise ConfigurationError(
                    f"s3: {settings.url_of('s3')} refuses the access key {target.access_key} ({code}); "
                    "its secret key is another one than the S3 server was started with: restart both"
                ) from None
            why = code or "an error"
        except BotoCoreError as error:
            why = type(error).__name__
        if time.monotonic() > deadline:
            raise UnreachableError(f"s3: {settings.url_of('s3')} does not answer ({why}); is it up?")
        sleep(PAUSE_SECONDS)


def _made(target: Target) -> str:
    client = boto3.client(
        "s3",
        endpoint_url=target.url.get_secret_value(),
        aws_access_key_id=target.access_key,
        aws_secret_access_key=target.secret(),
        region_name=target.region,
        config=Config(connect_timeout=ANSWER_SECONDS, read_timeout=ANSWER_SECONDS, retries={"total_max_attempts": 1}),
    )
    try:
        client.create_bucket(Bucket=target.bucket)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in _THERE:
            raise
    return f"s3: bucket {target.bucket} is there"


def main() -> int:
    """The exit code."""
    try:
        print(make(settings_module.load(os.environ)))  # noqa: T201 - its output
    except SteadylineError as error:
        return complain(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
