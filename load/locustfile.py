"""What Locust runs: users of each backend, and the wiring of everything else.

    locust -f load/locustfile.py --host http://localhost:8000
    locust -f load/locustfile.py --headless --profile low S3User

Without a user class on the command line TraceUser runs. `steadyline load` starts this file too.
"""

from load.users.s3 import S3User
from load.users.sql import SqlUser
from load.users.tams import TamsUser
from load.users.trace import TraceUser
from load.users.vast import VastUser
from load.wiring import wire

__all__ = ["S3User", "SqlUser", "TamsUser", "TraceUser", "VastUser"]

wire(default=TraceUser)
