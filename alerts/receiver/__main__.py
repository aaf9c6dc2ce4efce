"""`python -m alerts.receiver`."""

from alerts.receiver.serve import main

if __name__ == "__main__":
    main()
