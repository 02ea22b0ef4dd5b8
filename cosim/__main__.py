"""``python -m cosim`` is the command line."""

from cosim.cli import main

main()
