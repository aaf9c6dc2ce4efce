"""`python -m targets.vast`."""

import sys

from targets.vast.server import main

sys.exit(main())
