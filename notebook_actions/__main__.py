"""Lets ``python -m notebook_actions`` run the command line."""

import sys

from .cli import main

sys.exit(main())
