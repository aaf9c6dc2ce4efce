"""S3 that is sick in six ways, and S3 that is not: a VersityGW behind proxies, the embedded one, and one that only talks."""

import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import free_ports
import scripted_server
import toxiproxy
import versitygw
from cutting_front import cutting
from scripted_server import Script, ScriptedServer, answer
from sick_ward import KEY, READ_ONLY, SECRET, Sick, Ward, answering
from target_process import target

from steadyline.outcome import Reason
from targets.s3.server import ACCESS_KEY_VARIABLE, SECRET_KEY_VARIABLE

SLOW_TIMES = 10
"""S3 slow by so many times."""
S3_BASELINE_SECONDS = 0.1
"""Of each operation on S3 that the slow target is held to: well above what a busy machine needs."""
NAMES_LISTED, NAMES_IN_ERROR = 100, 1000
"""New names in each answer of the target that tells nothing else: so many as it is asked for, and in an error's text."""
ANSWERED = ("s3.bucket_list", "s3.segment_download", "s3.range_read")
"""What is answered with a body, which can be cut."""
EMBEDDED = ("s3-cut", "s3-embedded")
"""Targets on the embedded server, each with a bucket of its name; the others are on VersityGW."""
_XML = {"Content-Type": "application/xml"}


def _new_names(_path: str) -> Script:
    names = "".join(
        f"<Contents><Key>{uuid.uuid4()}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
        f'<ETag>"{uuid.uuid4().hex}"</ETag><Size>1</Size></Contents>'
        for _ in range(NAMES_LISTED)
    )
    return (answer(f"<ListBucketResult><Name>b</Name>{names}</ListBucketResult>".encode(), headers=_XML),)


def _error(status: str, code: str, text: str = "no") -> Callable[[str], Script]:
    return lambda _path: (answer(f"<Error><Code>{code}</Code><Message>{text}</Message></Error>".encode(), status, _XML),)


def _named_error(_path: str) -> Script:
    text = " ".join(uuid.uuid4().hex for _ in range(NAMES_IN_ERROR))
    return _error("400 Bad Request", f"E{uuid.uuid4().hex}", text)(_path)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where targets are put, each with a bucket of its own.

    Attributes:
        found: where it is noted.
        embedded: URL of the embedded server.
        gateway: the other.
    """

    found: Ward
    embedded: str
    gateway: versitygw.VersityGw

    def of(self, alias: str, url: str) -> dict[str, Any]:
        """The target's settings; it is asked at this URL."""
        if alias in EMBEDDED:
            self.found.buckets[alias] = (self.embedded, KEY, SECRET, alias)
        else:
            gateway = self.gateway
            self.found.buckets[alias] = (gateway.url, gateway.access_key, gateway.secret_key, gateway.new_bucket())
        _, key, secret, bucket = self.found.buckets[alias]
        return {"url": url, "access_key": key, "secret_key": secret, "bucket": bucket}


def add(found: Ward, stack: ExitStack, folder: Path, proxies: toxiproxy.Toxiproxy) -> None:
    """All of them."""
    gateway = stack.enter_context(versitygw.running(free_ports.free_port()))
    keys = {ACCESS_KEY_VARIABLE: KEY, SECRET_KEY_VARIABLE: SECRET}
    wanted = [part for name in EMBEDDED for part in ("--bucket", name)]
    places = _Places(found, stack.enter_context(target("s3", folder, *wanted, environ=keys)), gateway)
    slow = proxies.before("s3-slow", gateway.url)
    facts = places.of("s3-slow", slow.url) | READ_ONLY
    found.targets += [
        *_led_elsewhere(places, stack, proxies),
        Sick("s3-slow", facts, lambda: slow.delay(SLOW_TIMES * S3_BASELINE_SECONDS), slow.mend),
        _talking(found, answering(stack, _new_names)),
        Sick("s3-steady", places.of("s3-steady", gateway.url)),
        Sick("s3-embedded", places.of("s3-embedded", places.embedded) | READ_ONLY),
    ]


def _led_elsewhere(places: _Places, stack: ExitStack, proxies: toxiproxy.Toxiproxy) -> list[Sick]:
    """Those whose proxy leads to another server, which answers as the fault has it."""
    refused = answering(stack, _error("403 Forbidden", "AccessDenied"))
    unavailable = answering(stack, _error("503 Service Unavailable", "ServiceUnavailable"))
    silent = answering(stack, lambda _path: (scripted_server.HOLD,))  # a proxy passes on that the gateway ends connections
    cut = stack.enter_context(cutting(places.embedded))

    def led(name: str, server: str, reason: Reason, *operations: str) -> Sick:
        alias = f"s3-{name}"
        way = proxies.before(alias, places.embedded if alias in EMBEDDED else places.gateway.url)
        facts = places.of(alias, way.url) | ({} if name == "cut" else READ_ONLY)
        return Sick(alias, facts, lambda: way.lead_to(server), way.mend, reason, operations)

    return [
        led("403", refused.url, Reason.AUTH),
        led("503", unavailable.url, Reason.SERVER_ERROR),
        led("cut", cut, Reason.INTEGRITY, *ANSWERED),
        led("nothing", silent.url, Reason.TIMEOUT),
    ]


def _talking(found: Ward, talker: ScriptedServer) -> Sick:
    """One that answers with nothing but new names."""
    found.talker = talker
    facts = {"url": talker.url, "access_key": KEY, "secret_key": SECRET, "bucket": "b", **READ_ONLY}

    def talks() -> None:
        talker.otherwise = _named_error

    def listens() -> None:
        talker.otherwise = _new_names

    return Sick("s3-names", facts, talks, listens, Reason.CLIENT_ERROR)
