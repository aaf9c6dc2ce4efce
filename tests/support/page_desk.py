"""Executes the handbook's commands: each once, after those that it needs, on one running stack."""

import contextlib
import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import native_stack
import tenacity
from forked_command_line import Forked, Said, forked
from going_command import Going
from page_commands import UNCERTAIN, WAYS, Way
from page_places import BESIDE, Places

STACK = "stack"
WAIT_SECONDS = 120
WIDE = {"COLUMNS": "250"}


class Desk:
    """A running stack, and what was executed on it.

    Args:
        places: the folders.
        forking: runs what ends by itself, of the stack and of each place beside it.
        until_end: stops what goes on.
    """

    def __init__(self, places: Places, forking: Mapping[str, Forked], until_end: contextlib.ExitStack) -> None:
        """Bring the stack up as a page does, and leave it so."""
        self.places, self._forking, self._until_end = places, forking, until_end
        self._said: dict[str, Said] = {}
        self._ahead = {place: ThreadPoolExecutor(1) for place in BESIDE}
        self._awaited: dict[str, Future[Said]] = {}
        self._up = self._begun(["up"], WAYS["up"])
        self._up.until(WAYS["up"].says[0])

    def go_ahead(self, commands: Iterable[str]) -> None:
        """Execute those of places beside the stack while others are looked at."""
        chosen = [(one, WAYS[one].place) for one in commands]
        self._awaited = {one: self._ahead[place].submit(self._done, one) for one, place in chosen if place in BESIDE}

    def close(self) -> None:
        """Begin none of them any more."""
        for one in self._ahead.values():
            one.shutdown(cancel_futures=True)

    def done(self, command: str) -> Said:
        """How a command of a page ended, and what it said; it is executed now if it was not yet."""
        return self._awaited[command].result() if WAYS[command].place in BESIDE else self._done(command)

    def _done(self, command: str) -> Said:
        way = WAYS[command]
        if command not in self._said:
            for before in way.after:
                self._done(before)
        if command not in self._said:
            self._said[command] = self._executed(command, way)
        return self._said[command]

    def _executed(self, command: str, way: Way) -> Said:
        if command == "up":
            return Said(0, self._up.text)
        folder = self.places.of(way.place).folder
        for name, source in way.takes.items():
            shutil.copyfile(folder / self.places.filled(source), folder / name)
        words = self.words(command, way)
        if way.ready:
            return self._ready(words, way).stop()
        said = self._ended(words, way)
        if way.longer and said.code == UNCERTAIN and UNCERTAIN not in way.codes:
            return self._ended(self.words(command, way, way.longer), way)
        return said

    @tenacity.retry(stop=tenacity.stop_after_delay(WAIT_SECONDS), wait=tenacity.wait_fixed(10), reraise=True)
    def _ready(self, words: list[str], way: Way) -> Going:
        """Begun again where it was refused: what is too slow to be slowed, on a busy machine, is quick again in a minute."""
        going = self._begun(words, way)
        going.until(way.ready)
        return going

    def _ended(self, words: list[str], way: Way) -> Said:
        return self._with_others(words, way) if way.beside else self._to_its_end(words, way)

    def _with_others(self, words: list[str], way: Way) -> Said:
        going = self._begun(words, way)
        others = [self._begun(self.words(other, WAYS[other]), WAYS[other]) for other in way.beside]
        said = going.ended()
        self._said |= dict(zip(way.beside, [other.ended() for other in others], strict=True))
        return said

    def words(self, command: str, way: Way, last: tuple[str, ...] = ()) -> list[str]:
        """As the page has it, with what stands for its parts, what makes it short, and what holds before that."""
        words = shlex.split(command)
        for part, other in way.instead.items():
            words = [word.replace(part, self.places.filled(other)) for word in words]
        also = [self.places.filled(word) for word in way.also]
        (ours, theirs), (short, behind) = _parted(words), _parted(also)
        return [*ours, *short, *last, *theirs, *behind[1:]]

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
            return self._forking[way.place if way.place in BESIDE else STACK].run(words, place.folder, place.environ | WIDE)

        return once()


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    """What stands before `--`, and the rest."""
    end = words.index("--") if "--" in words else len(words)
    return words[:end], words[end:]


@contextlib.contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """A desk, whose stack and whatever goes on end with it."""
    with native_stack.empty() as stack, contextlib.ExitStack() as until_end:
        forking = {one: until_end.enter_context(forked(folder / f"forked-{one}")) for one in (STACK, *BESIDE)}
        opened = Desk(Places(stack, folder, until_end), forking, until_end)
        try:
            yield opened
        finally:
            opened.close()
