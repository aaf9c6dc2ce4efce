"""Puts the room's parts on Locust's events.

A locustfile calls `wire` once, when it is imported, as `load/locustfile.py` does.
"""

import contextlib
import os
import sys
from typing import Any

from locust import User, events
from locust.env import Environment
from locust.event import Events
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

from load import cutting, options
from load import run as runs
from load.lead import Lead
from load.run import Run
from load.worker import WorkerSide
from steadyline import catalogue, heap
from steadyline import settings as settings_module
from steadyline.errors import SteadylineError, complain


def wire(default: type[User] | None = None, on: Events = events) -> None:
    """Listen to a Locust's events from now on.

    Args:
        default: the user class that runs where none is named on the command line; all of the locustfile's where not given.
        on: the events of the environment.
    """
    _import_catalogue()
    run = Run()
    # Before all other listeners: one that stops its user, as Locust allows, would keep the later ones from being told.
    on.request.add_listener(run.on_request)
    cutting.tell(run.on_cut)
    on.init_command_line_parser.add_listener(options.add)

    def begin(environment: Environment, **_facts: Any) -> None:
        runs.place(environment, run)
        _guarded(_set_up, environment, run, default)
        heap.settle()  # a collection of garbage holds up every user

    on.init.add_listener(begin)


def _import_catalogue() -> None:
    """Now, before Locust forks and its workers connect: imported by their first user, it would hold up their heartbeats."""
    with contextlib.suppress(SteadylineError):  # told when a run is set up; --help needs no settings
        settings_module.load(os.environ)
        catalogue.operations()


def _guarded(work: Any, *arguments: Any) -> None:
    """What is wrong with the settings ends the process with its own message and code; Locust would print a traceback."""
    try:
        work(*arguments)
    except SteadylineError as error:
        sys.exit(complain(error))  # before and beside Locust's log


def _set_up(environment: Environment, run: Run, default: type[User] | None) -> None:
    runner = environment.runner
    settings = settings_module.load(os.environ)
    if isinstance(runner, WorkerRunner):
        WorkerSide(environment, runner, run).listen()
        return
    if isinstance(runner, MasterRunner | LocalRunner):
        said = environment.parsed_options
        if default is not None and said is not None and not said.user_classes and not said.class_picker:
            environment.user_classes[:] = [default]
        if said is None or not said.class_picker:
            for user_class in environment.user_classes:
                _prepare(user_class, environment)
        Lead(environment, runner, run, settings).listen()


def _prepare(user_class: type[User], environment: Environment) -> None:
    """Let a class say what is wrong with what its users are to do, before anything starts."""
    prepare = getattr(user_class, "prepare", None)
    if prepare is not None:
        prepare(environment)
