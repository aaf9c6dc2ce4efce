"""`python -m exporters`."""

from exporters.server import main

if __name__ == "__main__":
    main()
