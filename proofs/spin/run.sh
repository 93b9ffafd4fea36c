#!/bin/sh
# The second opinion: builds and runs every model, for PHT and for every sabotage. README.md lists the options.
exec python3 "$(dirname "$0")/check.py" "$@"
