"""How a run ends when its users may finish what they do."""

from pathlib import Path

OWN = Path(__file__).parents[1] / "support" / "own_locustfile.py"


def test_workers_are_told_to_quit_after_a_graceful_stop(runs, answers_url):
    """With --stop-timeout a worker says late that it is ready again; it is told to quit all the same, and misses no master."""
    arguments = ("--host", answers_url, "-u", "2", "-r", "100", "-t", "4s", "--stop-timeout", "2")
    master, workers = runs.distributed(2, *arguments, locustfile=OWN)
    assert master.end() == 0, master.said
    for worker in workers:
        worker.end()
        assert "Got quit message from master" in worker.said
        assert "Didn't get heartbeat from master" not in worker.said
    (operation,) = master.came_to["operations"]
    assert operation["successes"] == master.told_locust > 0
    assert operation["failures"] == {}
