"""A load of your own: what your users do, with your own names and your own data."""

from pathlib import Path

from locust import between, task
from locust_plugins.csvreader import CSVDictReader

from load.arriving import ArrivingUser
from load.quick.user import QuickHttpUser
from load.wiring import wire

SEARCHES = CSVDictReader(Path(__file__).with_name("searches.csv"))
"""Its rows in turn, over and over."""


class Reader(ArrivingUser, QuickHttpUser):
    """Who looks for items, and opens some of what is found."""

    wait_time = between(0.1, 0.5)
    found: str | None = None

    @task(3)
    def search(self) -> None:
        """Counted as `GET search`, whatever is searched for; a list with other items in it is a failure."""
        row = next(SEARCHES)
        query = {"status": row["status"], "limit": row["limit"]}
        with self.client.get("/api/v1/items", params=query, name="search", catch_response=True) as answer:
            if not answer.ok:
                return
            items = answer.json()["items"]
            if any(item["status"] != row["status"] for item in items):
                answer.failure("an item of another status was found")
            elif items:
                self.found = items[0]["id"]

    @task
    def look(self) -> None:
        """Counted by its route: `GET /api/v1/items/{id}`."""
        if self.found:
            self.client.get(f"/api/v1/items/{self.found}")


wire(default=Reader)
