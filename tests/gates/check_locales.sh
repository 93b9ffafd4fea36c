#!/bin/sh
# Every sentence id that program, protocol and vocabulary name exists in locales/en.json, and no rule's, advice's or
# activity's sentence stands there that no protocol names.
set -eu
python3 tools/gen_locales.py --uses
