"""Load over HTTP, by the path that the item manager's suite has always had.

    locust -f tests/performance/locustfile.py --host http://localhost:8000

`load/locustfile.py` is the same.
"""

from load.locustfile import S3User, SqlUser, TamsUser, TraceUser, VastUser

__all__ = ["S3User", "SqlUser", "TamsUser", "TraceUser", "VastUser"]
