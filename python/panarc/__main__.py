"""``python -m panarc`` is the command ``panarc``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
