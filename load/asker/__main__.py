"""`python -P -m load.asker`; started by `load.asker.client`."""

import sys

from load.asker.process import main

if __name__ == "__main__":
    main(sys.argv[1:])
