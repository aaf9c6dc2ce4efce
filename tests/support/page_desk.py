"""Executes the handbook's commands: each once, after those that it needs, on one running stack."""

import contextlib
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import native_stack
import tenacity
from forked_command_line import Forked, Said, forked
from going_command import Going
from page_commands import WAYS, Way
from page_places import Places

WAIT_SECONDS = 120
WIDE = {"COLUMNS": "250"}


class Desk:
    """A running stack, and what was executed on it.

    Args:
        places: the folders.
        forking: runs what ends by itself.
        until_end: stops what goes on.
    """

    def __init__(self, places: Places, forking: Forked, until_end: contextlib.ExitStack) -> None:
        """Bring the stack up as a page does, and leave it so."""
        self.places, self._forking, self._until_end = places, forking, until_end
        self._said: dict[str, Said] = {}
        self._up = self._begun(["up"], WAYS["up"])
        self._up.until(WAYS["up"].says[0])

    def done(self, command: str) -> Said:
        """How a command of a page ended, and what it said; it is executed now if it was not yet."""
        if command not in self._said:
            way = WAYS[command]
            for before in way.after:
                self.done(before)
            self._said[command] = self._executed(command, way)
        return self._said[command]

    def _executed(self, command: str, way: Way) -> Said:
        if command == "up":
            return Said(0, self._up.text)
        folder = self.places.of(way.place).folder
        for name, source in way.takes.items():
            shutil.copyfile(folder / self.places.filled(source), folder / name)
        words = self.words(command, way)
        if not way.ready:
            return self._to_its_end(words, way)
        going = self._begun(words, way)
        going.until(way.ready)
        return going.stop()

    def words(self, command: str, way: Way) -> list[str]:
        """As the page has it, with what stands for its parts, and what makes it short."""
        words = shlex.split(command)
        for part, other in way.instead.items():
            words = [word.replace(part, self.places.filled(other)) for word in words]
        end = words.index("--") if "--" in words else len(words)
        return [*words[:end], *map(self.places.filled, way.also), *words[end:]]

    def _begun(self, words: list[str], way: Way) -> Going:
        place = self.places.of(way.place)
        going = Going(words, place.folder, place.environ)
        self._until_end.callback(going.stop)
        return going

    def _to_its_end(self, words: list[str], way: Way) -> Said:
        place = self.places.of(way.place)

        @tenacity.retry(
            stop=tenacity.stop_after_delay(WAIT_SECONDS if way.waits else 0),
            wait=tenacity.wait_fixed(1),
            retry=tenacity.retry_if_result(lambda said: not all(one in said.text for one in way.says)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        def once() -> Said:
            return self._forking.run(words, place.folder, place.environ | WIDE)

        return once()


@contextlib.contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """A desk, whose stack and whatever goes on end with it."""
    with native_stack.empty() as stack, forked(folder) as forking, contextlib.ExitStack() as until_end:
        yield Desk(Places(stack, folder, until_end), forking, until_end)
