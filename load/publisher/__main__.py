"""`python -m load.publisher`: the process that a load run starts for its page."""

import sys

from load.publisher.service import main

sys.exit(main())
