"""``python -m yolodash``."""

import sys

from yolodash.cli import main

if __name__ == "__main__":
    sys.exit(main())
