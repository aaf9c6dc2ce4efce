"""Installing what is missing: the policy, what apt-get is asked, the instruction where nothing can be installed."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import tenacity

from deploy.native.machine import Machine
from deploy.native.packages import POLICY_MARK, ensure_programs, install, no_services
from steadyline.errors import ConfigurationError

MakeMachine = Callable[..., Machine]

DISABLING = '#!/bin/sh\necho "{name} $@" >> "$FAKE_ROOT/asked"\n'
APT = r"""#!/bin/sh
# Says what it was asked, whether services are forbidden, and on install puts programs on PATH.
PATH=/usr/bin:/bin
for word in "$@"; do case $word in update|install) action=$word;; APT::Status-Fd=*) fd=${word#*=};; esac; done
sh "$FAKE_ROOT/usr/sbin/policy-rc.d"; echo "policy $?" >> "$FAKE_ROOT/asked"
echo "$@" | sed 's/.*Timeout=[0-9]* //' >> "$FAKE_ROOT/asked"
echo "pmstatus:prometheus:50.0:Unpacking prometheus" > /dev/fd/$fd
[ "$action" = install ] || exit 0
for name in prometheus promtool; do printf '#!/bin/sh\necho "x, version 2.42.0"\n' > "$FAKE_BIN/$name"; done
for name in prometheus-alertmanager amtool; do printf '#!/bin/sh\necho "x, version 0.25.0"\n' > "$FAKE_BIN/$name"; done
chmod +x "$FAKE_BIN"/*
"""
FAILING = '#!/bin/sh\necho "E: Unable to locate package prometheus"\nexit 100\n'


def nothing(_percent: float, _doing: str) -> None:
    """No display."""


def test_missing_programs_are_installed_under_a_policy(make_machine: MakeMachine) -> None:
    """As root with apt-get everything missing is installed at once, services forbidden meanwhile, and not at a boot."""
    machine = make_machine({}, superuser=True, apt=APT)
    for name in ("deb-systemd-helper", "update-rc.d"):
        script = Path(machine.search_path) / name
        script.write_text(DISABLING.format(name=name))
        script.chmod(0o755)
    told: list[str] = []
    paths = ensure_programs(machine, lambda percent, doing: told.append(f"{percent:g} {doing}"))
    assert set(paths) == {"prometheus", "promtool", "alertmanager", "amtool"}
    assert (machine.root / "asked").read_text().splitlines() == [
        "policy 101",
        "update",
        "policy 101",
        "install -y --no-install-recommends prometheus prometheus-alertmanager",
        "deb-systemd-helper disable prometheus.service",
        "deb-systemd-helper disable prometheus-alertmanager.service",
        "update-rc.d prometheus disable",
        "update-rc.d prometheus-alertmanager disable",
    ]
    assert "50 Unpacking prometheus" in told
    assert not (machine.root / "usr/sbin/policy-rc.d").exists()


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(None, id="none"),
        pytest.param("#!/bin/sh\nexit 0\n", id="the administrator's"),
    ],
)
def test_policy_is_put_back_on_failure(make_machine: MakeMachine, before: str | None) -> None:
    """When apt-get fails its last lines are told, and the policy is as it was."""
    machine = make_machine({}, superuser=True, apt=FAILING)
    policy = machine.root / "usr/sbin/policy-rc.d"
    if before:
        policy.write_text(before)
    with pytest.raises(ConfigurationError, match=r"could not install prometheus \(exit 100\).*Unable to locate package"):
        install(["prometheus"], machine, nothing)
    assert (policy.read_text() if policy.exists() else None) == before
    assert len(list(policy.parent.iterdir())) == (1 if before else 0)


def test_a_policy_left_by_a_kill_goes(tmp_path: Path) -> None:
    """A policy that a killed installation left is known as ours and does not outlive the next one; what it kept returns."""
    folder = tmp_path / "usr/sbin"
    folder.mkdir(parents=True)
    (folder / "policy-rc.d").write_text(f"#!/bin/sh\n{POLICY_MARK}\nexit 101\n")
    (folder / "policy-rc.d.kept-by-steadyline").write_text("theirs")
    with no_services(tmp_path):
        assert "exit 101" in (folder / "policy-rc.d").read_text()
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"policy-rc.d": "theirs"}


INTERRUPTED = """
    import sys
    from pathlib import Path
    from deploy.native.interruption import interruptible
    from deploy.native.machine import Machine
    from deploy.native.packages import install
    machine = Machine(sys.argv[1], True, Path(sys.argv[2]))
    with interruptible():
        try:
            install(["prometheus"], machine, lambda *_: None)
        except KeyboardInterrupt:
            sys.exit(130)
"""
WAITS = r"""#!/bin/sh
PATH=/usr/bin:/bin
trap 'echo finished > "$FAKE_ROOT/finished"; exit 100' INT
touch "$FAKE_ROOT/begun"
while :; do sleep 0.05; done
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_policy_is_removed_when_interrupted(make_machine: MakeMachine, number: signal.Signals) -> None:
    """Ctrl-C or a TERM lets apt-get end first, then removes the policy."""
    machine = make_machine({}, superuser=True, apt=WAITS)
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), machine.search_path, str(machine.root)]
    with subprocess.Popen(command, env=dict(os.environ), start_new_session=True) as process:
        for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.02), reraise=True):
            with attempt:
                assert (machine.root / "begun").exists()
        assert (machine.root / "usr/sbin/policy-rc.d").exists()
        process.send_signal(number)
        assert process.wait(timeout=30) == 130
    assert (machine.root / "finished").exists()
    assert not (machine.root / "usr/sbin/policy-rc.d").exists()


@pytest.mark.parametrize(
    ("versions", "apt", "expected"),
    [
        pytest.param(
            {},
            APT,
            "missing: prometheus, prometheus-alertmanager; run this once, then try again:  sudo sh -c "
            "'apt-get update && apt-get install -y --no-install-recommends prometheus prometheus-alertmanager'",
            id="a user on debian",
        ),
        pytest.param(
            {"prometheus": "2.42.0", "promtool": "2.42.0"},
            APT,
            "missing: prometheus-alertmanager; run this once, then try again:  sudo sh -c "
            "'apt-get update && apt-get install -y --no-install-recommends prometheus-alertmanager'",
            id="one missing",
        ),
        pytest.param(
            {},
            None,
            "missing: prometheus >= 2.42, promtool >= 2.42, alertmanager >= 0.25, amtool >= 0.25; install them and put "
            "them on PATH, then run this again",
            id="no apt-get",
        ),
    ],
)
def test_instruction(make_machine: MakeMachine, versions: dict[str, str], apt: str | None, expected: str) -> None:
    """Where nothing can be installed, one instruction names all that is missing."""
    with pytest.raises(ConfigurationError) as error:
        ensure_programs(make_machine(versions, apt=apt), nothing)
    assert error.value.faults == [expected]
