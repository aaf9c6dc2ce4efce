"""`python -m targets.s3`."""

import sys

from targets.s3.server import main

sys.exit(main())
