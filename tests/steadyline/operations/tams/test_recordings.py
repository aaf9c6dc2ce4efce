"""Several flows recorded before a body: all of them or none."""

import pytest

from steadyline.operations.tams.api import TamsApi


def test_flows_that_cannot_all_be_recorded(system, monkeypatch):
    """When recording one fails, those before it go as well, and the failure told is the first one."""
    client, before, registered = system.client(), system.artefacts(), []
    register = TamsApi.register

    def failing(api, *asked):
        registered.append(asked)
        if len(registered) == 2:
            raise TimeoutError
        register(api, *asked)

    monkeypatch.setattr(TamsApi, "register", failing)
    with pytest.raises(TimeoutError):
        system.operations()["tams.stress_cleanup_3"].prepare(client)
    assert len(registered) == 2
    assert system.artefacts() == before
