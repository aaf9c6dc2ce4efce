"""`python -m targets.trace`."""

import sys

from targets.trace.server import main

sys.exit(main())
