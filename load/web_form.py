"""Shape, profile and arrival rate in the form of Locust's own web page.

The page shows our options by itself and starts a run by POST /swarm, where Locust knows only a shape per locustfile and only
free text as a profile. What is here reads the form before Locust does: it refuses what cannot be run with a sentence that the
page shows, fills in a profile's figures, and sets the shape.
"""

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import jsonify, request
from locust import LoadTestShape
from locust.env import Environment
from locust.runners import STATE_RUNNING, STATE_SPAWNING, Runner
from locust.util.timespan import parse_timespan
from locust.web import WebUI
from werkzeug.datastructures import MultiDict

from load.profiles import PROFILES, Size, checked, size
from load.shapes import CONSTANT, SHAPES
from steadyline.errors import ConfigurationError

SWARM = "locust.swarm"
"""Flask's name of the view that starts a run."""
USERS, SPAWN_RATE, RUN_TIME = "user_count", "spawn_rate", "run_time"
"""The fields of the form that a profile has a figure for."""


class WebForm:
    """Reads the form before Locust does.

    Args:
        environment: Locust's.
        runner: Locust's, the one that leads.
        shaped: the shape class that runs what the options name.
        choose: makes it the run's, or not, by the options as they are now.
        check: raises ConfigurationError when the options as they are now cannot be run.
    """

    def __init__(
        self,
        environment: Environment,
        runner: Runner,
        shaped: LoadTestShape,
        choose: Callable[[], None],
        check: Callable[[], Any],
    ) -> None:
        """Nothing was posted yet."""
        self._environment = environment
        self._runner = runner
        self._shaped = shaped
        self._choose = choose
        self._check = check

    def put_on(self, web_ui: WebUI) -> None:
        """Read the form of this page from now on; behind its login, if it has one."""
        assert web_ui.app is not None
        web_ui.template_args["all_profiles"] = list(PROFILES)  # what the page suggests for its field
        locusts = web_ui.app.view_functions[SWARM]

        @wraps(locusts)
        def swarm() -> Any:
            try:
                request.form = self._read(request.form.copy())  # type: ignore[assignment]
            except ConfigurationError as error:
                return jsonify({"success": False, "message": "; ".join(error.faults), "host": self._environment.host})
            return locusts()

        web_ui.app.view_functions[SWARM] = web_ui.auth_required_if_enabled(swarm)  # type: ignore[no-untyped-call]

    def _read(self, form: MultiDict[str, str]) -> MultiDict[str, str]:
        """The form as Locust is to see it; what Locust has no eyes for is set in the options.

        Raises:
            ConfigurationError: what it asks for cannot be run, or not now.
        """
        options, environment = self._options, self._environment
        shape = form.pop("shape", options.shape) or CONSTANT
        rate = form.pop("arrival_rate", options.arrival_rate)
        if self._runner.shape_greenlet or self._runner.state in (STATE_RUNNING, STATE_SPAWNING):
            self._refuse_change(shape)
            return form
        if shape not in SHAPES:
            raise ConfigurationError(f"there is no shape {shape!r}; the shapes are {', '.join(SHAPES)}")
        profile = checked(form.get("profile", environment.profile))
        if profile is not None:
            shown, wanted = size(environment.profile, options.shape or CONSTANT), size(profile, shape)
            for field, text in figures(form, shown, wanted).items():
                form[field] = text
        # An empty run time is none: Locust would keep the one of the run before.
        run_time = options.run_time if form.get(RUN_TIME) else None
        self._set(shape=shape, arrival_rate=rate or None, run_time=run_time, profile=profile)
        self._choose()
        self._past_the_picker(form)
        return form

    def _set(self, **wanted: Any) -> None:
        """Take options over if the run can go by them, else leave all as they were."""
        before = {name: getattr(self._options, name) for name in wanted}
        self._put(wanted)
        try:
            self._check()
        except ConfigurationError:
            self._put(before)
            raise

    def _put(self, options: dict[str, Any]) -> None:
        vars(self._options).update(options)
        self._environment.profile = options["profile"]

    @property
    def _options(self) -> Any:
        """What the run goes by."""
        return self._environment.parsed_options

    def _refuse_change(self, shape: str) -> None:
        """Locust changes the users of a run under way, but not those of a shape, and not the shape."""
        under_way = self._options.shape or CONSTANT
        if self._runner.shape_greenlet or shape != under_way:
            raise ConfigurationError(f"a run of the shape {under_way} is under way; stop it first, then start another")

    def _past_the_picker(self, form: MultiDict[str, str]) -> None:
        """With --class-picker Locust sets the shape after us, by its class's name."""
        environment = self._environment
        if environment.shape_class is self._shaped and environment.available_shape_classes is not None:
            form["shape_class"] = type(self._shaped).__name__
            environment.available_shape_classes[form["shape_class"]] = environment.shape_class


def figures(form: MultiDict[str, str], shown: Size, wanted: Size) -> dict[str, str]:
    """Users, spawn rate and run time for a run of a profile, as texts of the form.

    A field that is empty, or that still has what the last profile and shape put there, was not said: it follows the new ones.

    Args:
        form: as posted.
        shown: figures of the profile and the shape that were chosen before.
        wanted: figures of those that are chosen now.
    """
    fields = {
        USERS: (shown.users, wanted.users),
        SPAWN_RATE: (shown.spawn_rate, wanted.spawn_rate),
        RUN_TIME: (shown.duration_seconds, wanted.duration_seconds),
    }
    said = {name: form.get(name, "").strip() for name in fields}
    return {
        name: _text(new) if not said[name] or _number(name, said[name]) == old else said[name]
        for name, (old, new) in fields.items()
    }


def _number(field: str, text: str) -> float | None:
    try:
        return float(parse_timespan(text) if field == RUN_TIME else text)
    except ValueError:
        return None  # Locust says what is wrong with it


def _text(number: float) -> str:
    return "" if math.isinf(number) else f"{number:.10g}"
