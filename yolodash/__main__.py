"""``python -m yolodash``."""

from __future__ import annotations

import sys

from yolodash.cli import main

if __name__ == "__main__":
    sys.exit(main())
