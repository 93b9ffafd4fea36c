#!/bin/sh
# Every sentence id that program, protocol and vocabulary name exists in locales/en.json, and no sentence stands there that
# nothing names; every other language has the same ids, shows the same arguments and holds the same numbers.
set -eu
python3 tools/gen_locales.py --uses
