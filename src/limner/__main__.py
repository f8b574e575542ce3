"""`python -m limner` is the command `limner`."""

import sys

try:
    from limner.cli import main
except KeyboardInterrupt:  # as early as that
    sys.stderr.write("limner: interrupted before anything was begun\n")
    sys.exit(130)

main()
