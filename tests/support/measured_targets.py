"""The targets that benchmarks measure: served where no stack serves them, each connected to once, closed at the end."""

import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from deploy.native.own_targets import served
from exporters.connection import Connection, check, close_all, connect
from exporters.plan import Plan
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.errors import SteadylineError
from steadyline.operation import Operation


class MeasuredTargets:
    """Nothing is started before the first operation asks for its target; what failed once fails again at once.

    Args:
        operations: all that will be measured; what none of them needs is never started.
        alias: the target to ask, where the settings name several of a backend.
    """

    def __init__(self, operations: Iterable[Operation], alias: str | None) -> None:
        self._operations = {one.name: one for one in operations}
        self._alias = alias
        self._known: dict[Any, Any] = {}
        self._until_end = ExitStack()

    def connection(self, operation: Operation) -> Connection:
        """The connection to its target, which has answered.

        Raises:
            SteadylineError: there is none, it does not answer, or it forbids this operation; the text holds no secret.
        """
        plan = self._once(None, self._served)
        _, alias = plan.choose(operation.name, self._alias)
        place = (operation.backend, alias)
        return self._once(place, lambda: self._connected(plan, place))

    def close(self) -> None:
        """Delete all that was written, disconnect, and end what was served."""
        self._until_end.close()

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._known:
            try:
                self._known[key] = make()
            except SteadylineError as error:
                self._known[key] = error
        if isinstance(known := self._known[key], SteadylineError):
            raise known
        return known

    def _served(self) -> Plan:
        backends = list(dict.fromkeys(one.backend for one in self._operations.values()))
        own = self._until_end.enter_context(served(settings_module.load(os.environ), backends))
        targets = {(backend, alias): target for backend in backends for alias, target in own.targets_of(backend).items()}
        return Plan(own, targets, {name: catalogue.backend(name) for name in backends}, self._operations, (), (), ())

    def _connected(self, plan: Plan, place: tuple[str, str]) -> Connection:
        connection = connect(plan.backends[place[0]], place[1], plan.targets[place])
        self._until_end.callback(close_all, [connection], 0.0)
        try:
            check(connection)
        except SteadylineError as error:
            raise type(error)(connection.redact(str(error))) from None
        return connection
