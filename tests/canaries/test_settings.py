"""Which settings may hold a secret, that each has a canary, and that no message about them shows what they hold."""

from base64 import b64encode
from json import dumps
from pathlib import Path
from urllib.parse import quote

import pytest
from canaries import Aviary, secret_bearing
from planted import WITHOUT_A_SECRET, Planted

from steadyline import settings
from steadyline.environment import PREFIX
from steadyline.errors import ConfigurationError
from steadyline.settings import VARIABLES

SECRET = "q7Kcnry/+hunter2"
WRONG = {
    "url": f"no-scheme:{SECRET}",
    "file": f"/nowhere/{SECRET}",
    "headers": f"Authorization: {SECRET}",
    "remote": f"http://ann:{SECRET}@h/push?token={SECRET}",
}
"""What is refused wherever it is said."""
SHOWN = {PREFIX + "OPERATIONS", PREFIX + "EXPECTATIONS"}
"""What is wrong in a criterion or in a file's name has to be shown, and neither is a secret."""


def test_each_place_has_its_canary(nest: Planted) -> None:
    """A new setting in which a secret may stand is planted too, or is said to hold none."""
    planted = {place.partition(" ")[0] for place in nest.birds.words}
    assert secret_bearing() - planted - set(WITHOUT_A_SECRET) == set()
    assert set(WITHOUT_A_SECRET) <= secret_bearing()


def test_a_search_finds_each_form(tmp_path: Path) -> None:
    """Plain, in a URL, in JSON, in base64 at any place, and in bytes."""
    birds = Aviary(tmp_path)
    secret = birds.plant("here")
    written = [secret, birds.in_url("here"), dumps({"a": secret})]
    written += [b64encode(f"{before}{secret}".encode()).decode() for before in ("", "a", "ab", "ann:")]
    for text in written:
        assert list(birds.found_in(text)) == ["here"]
        assert list(birds.found_in(b"\xff" + text.encode())) == ["here"]
    assert list(birds.found_in("nothing q7K")) == []


def _said_of(environ: dict[str, str]) -> str:
    """What loading says, or what it makes as it would be logged."""
    try:
        found = settings.load(environ)
    except ConfigurationError as error:
        return str(error)
    return " ".join(repr(target) for target in found.targets.values()) + repr(found.history_url)


@pytest.mark.parametrize("name", sorted(set(VARIABLES) - SHOWN))
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_no_message_shows_a_value(name: str, wrong: str, tmp_path: Path) -> None:
    """Whatever variable a secret is put into, rightly or by mistake, the message names the variable alone."""
    assert SECRET not in _said_of({PREFIX + "STATE_DIR": str(tmp_path), name: wrong})


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"HEADERS": f"X-Api-Key: {SECRET}"}, "a secret belongs into password_file"),
        ({"HEADERS": f"Authorization: Bearer {SECRET}"}, "a secret belongs into password_file"),
        ({"URL": f"http://h/push?token={SECRET}"}, "url holds a secret"),
        ({"URL": f"http://ann:{quote(SECRET, safe='')}@h/push"}, "url holds who writes"),
    ],
)
def test_what_would_stand_in_the_configuration_of_prometheus_is_refused(environ: dict[str, str], told: str) -> None:
    """A secret for the long term goes by a file that Prometheus reads itself."""
    said = {PREFIX + "REMOTE_WRITE_URL": "http://h/push"} | {
        f"{PREFIX}REMOTE_WRITE_{name}": text for name, text in environ.items()
    }
    with pytest.raises(ConfigurationError, match=told) as caught:
        settings.load(said)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("name", ["grafana_url", "runbook_url"])
def test_a_link_is_without_who_asks(name: str) -> None:
    """What people open, and alerts carry, holds no user and no password."""
    found = settings.load({f"{PREFIX}{name.upper()}": f"https://ann:{quote(SECRET, safe='')}@h:3000/below"})
    link = {"grafana_url": found.boards, "runbook_url": found.runbook}[name]
    assert link == "https://h:3000/below"
