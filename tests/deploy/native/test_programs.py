"""Finding Prometheus and Alertmanager."""

from collections.abc import Callable

import pytest

from deploy.native.machine import Machine
from deploy.native.programs import parse_version, survey
from steadyline.errors import ConfigurationError

MakeMachine = Callable[..., Machine]
GOOD = {"prometheus": "2.42.0", "promtool": "2.42.0", "prometheus-alertmanager": "0.25.0", "amtool": "0.25.0"}


@pytest.mark.parametrize(
    ("said", "version"),
    [
        pytest.param("prometheus, version 2.42.0+ds (branch: debian/sid)", (2, 42, 0), id="debian 12"),
        pytest.param("prometheus, version 3.5.0 (branch: HEAD, revision: 8be3a9)", (3, 5, 0), id="upstream"),
        pytest.param("alertmanager, version 0.28.1-rc.0 (branch: HEAD)", (0, 28, 1), id="release candidate"),
        pytest.param("promtool, version v2.53 ", (2, 53), id="two parts"),
        pytest.param("usage: prometheus", None, id="none"),
    ],
)
def test_version_is_read(said: str, version: tuple[int, ...] | None) -> None:
    """The version is read from what each packager prints."""
    assert parse_version(said) == version


@pytest.mark.parametrize(
    ("versions", "missing", "unfit"),
    [
        pytest.param(GOOD, [], [], id="debian 12"),
        pytest.param({**GOOD, "alertmanager": "0.29.0"}, [], [], id="both names"),
        pytest.param({**GOOD, "alertmanager": "0.20.0"}, [], [], id="old under one name, new under the other"),
        pytest.param({**GOOD, "prometheus": "2.41.9"}, [], ["prometheus"], id="old prometheus"),
        pytest.param({**GOOD, "prometheus": "3.0.0", "amtool": "0.24.9"}, [], ["amtool"], id="old amtool"),
        pytest.param({**GOOD, "promtool": "broken"}, [], ["promtool"], id="no version"),
        pytest.param({}, ["prometheus", "promtool", "alertmanager", "amtool"], [], id="nothing"),
        pytest.param({"prometheus": "2.53.1", "promtool": "2.53.1"}, ["alertmanager", "amtool"], [], id="half"),
    ],
)
def test_survey(make_machine: MakeMachine, versions: dict[str, str], missing: list[str], unfit: list[str]) -> None:
    """What is missing and what is too old are told apart; the newest fit of several names is taken."""
    found = survey(make_machine(versions))
    assert [need.name for need in found.missing] == missing
    assert list(found.unfit) == unfit


def test_too_old_names_both_versions(make_machine: MakeMachine) -> None:
    """A program that is too old is one message with the version found and the version needed."""
    machine = make_machine({**GOOD, "prometheus": "2.31.2"})
    with pytest.raises(ConfigurationError) as error:
        survey(machine).paths()
    assert error.value.faults == [
        f"prometheus: {machine.search_path}/prometheus is version 2.31.2; 2.42 or newer is needed: put one first on PATH"
    ]
