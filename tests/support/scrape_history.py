"""What Prometheus would have scraped of a page, second by second, for its storage to be filled with before it starts."""

from collections.abc import Callable

from board_queries import stamped

from steadyline.exposition import Page
from steadyline.live import LIVE


def scraped(page: Page, now: float, seconds: int, happens: Callable[[int], None]) -> list[str]:
    """The samples of every scrape, with their time.

    Args:
        page: as it is at each scrape.
        now: of the last scrape, Unix time.
        seconds: from the first scrape to the last.
        happens: is told each second from 0 on, before the scrape that may fall into it.
    """
    lines: list[str] = []
    for second in range(seconds + 1):
        happens(second)
        if second % LIVE.scrape_seconds == 0:
            lines += stamped(page.render(openmetrics=True), now - seconds + second)
    return lines


def history(*lines: list[str]) -> str:
    """The text that Prometheus is filled with."""
    return "\n".join([*(line for part in lines for line in part), "# EOF\n"])
