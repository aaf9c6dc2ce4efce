"""The cheapest flow with everything that a load run counts: one small document, asked for without a pause."""

from locust import constant, task

from load.arriving import ArrivingUser
from load.quick.user import QuickHttpUser
from load.wiring import wire


class Hurried(ArrivingUser, QuickHttpUser):
    """Asks again at once."""

    wait_time = constant(0)

    @task
    def ask(self) -> None:
        """One request."""
        self.client.get("/items", name="items")


wire()
