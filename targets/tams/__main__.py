"""`python -m targets.tams`."""

import sys

from targets.tams.server import main

sys.exit(main())
