"""A run's silence in Alertmanager: what the load provokes in the probes of the same targets is told to nobody meanwhile.

Each target has a silence of its own, because one over several backends and targets would cover their combinations too. It ends
by itself soon after whoever extends it died.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from steadyline.addresses import LOCAL_HOSTS
from steadyline.errors import UnreachableError
from steadyline.printable import shortened
from steadyline.vocabulary import AlertName, Driver

ASK_SECONDS = 5.0
SILENCE_SECONDS = 120.0
"""So long a silence outlives the last word of a publisher that was killed."""
EXTEND_SECONDS = 30.0
"""How often it is extended: three of them may fail."""
AUTHOR = "steadyline"
PROVOKED = (AlertName.REGRESSION, AlertName.BUDGET, AlertName.FAILING, AlertName.NO_DATA)
"""What load does to a probe: it waits, breaks its budget, fails, or finds no free connection."""
Place = tuple[str, str]
"""Backend and target."""


class Silence:
    """The silences of one run; each call blocks, and takes a bounded time. One that somebody ended is made again.

    Args:
        base_url: of Alertmanager, 0.22 or newer.
        run: the run's id, for the comment.
    """

    def __init__(self, base_url: str, run: str) -> None:
        """Nothing is silenced yet."""
        url = httpx.URL(base_url.rstrip("/") + "/")
        self.host = f"{url.scheme}://{url.host}" + (f":{url.port}" if url.port else "")
        self._run = run
        self._made: dict[Place, str] = {}
        self._http = httpx.Client(
            base_url=url,
            timeout=ASK_SECONDS,
            trust_env=url.host not in LOCAL_HOSTS,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def cover(self, place: Place) -> None:
        """Silence the probes' alerts of a target, or extend that.

        Raises:
            UnreachableError: Alertmanager does not take it.
        """
        now = datetime.now(UTC)
        until = {"endsAt": (now + timedelta(seconds=SILENCE_SECONDS)).isoformat()}
        known = self._known(place)
        # One that begins otherwise than the known one would end that and be another: a trail of ended silences.
        body = known or self._new(place) | {"startsAt": now.isoformat()}
        answer = self._ask("POST", "silences", body | until)
        try:
            self._made[place] = str(answer.raise_for_status().json()["silenceID"])
        except (httpx.HTTPStatusError, ValueError, KeyError, TypeError):
            raise UnreachableError(
                f"Alertmanager at {self.host} refuses a silence: HTTP {answer.status_code} {shortened(answer.text.strip())}"
            ) from None

    def _new(self, place: Place) -> dict[str, Any]:
        backend, target = place
        labels = {"driver": Driver.PROBE, "backend": backend, "target": target}
        equal = [{"name": name, "value": value, "isRegex": False, "isEqual": True} for name, value in labels.items()]
        provoked = {"name": "alertname", "value": "|".join(PROVOKED), "isRegex": True, "isEqual": True}
        comment = f"load run {self._run} on {backend} {target}"
        return {"matchers": [*equal, provoked], "createdBy": AUTHOR, "comment": comment}

    def _known(self, place: Place) -> dict[str, Any] | None:
        """The target's silence as Alertmanager has it; None where there is none, or somebody ended it."""
        if place not in self._made:
            return None
        answer = self._ask("GET", f"silence/{self._made[place]}")
        try:
            found = answer.raise_for_status().json()
            keys = ("id", "matchers", "startsAt", "createdBy", "comment")
            return {key: found[key] for key in keys} if found["status"]["state"] == "active" else None
        except (httpx.HTTPStatusError, ValueError, KeyError, TypeError):
            return None

    def end(self) -> None:
        """Alerts are told again.

        Raises:
            UnreachableError: Alertmanager does not answer; the silence ends by itself.
        """
        made, self._made = self._made, {}
        for name in made.values():
            self._ask("DELETE", f"silence/{name}")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        try:
            return self._http.request(method, f"api/v2/{path}", json=body)
        except httpx.TimeoutException:
            raise UnreachableError(f"Alertmanager at {self.host} did not answer in time") from None
        except httpx.HTTPError as error:
            raise UnreachableError(f"no Alertmanager answers at {self.host} ({error})") from None
