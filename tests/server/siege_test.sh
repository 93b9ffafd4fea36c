#!/bin/sh
# Attackers of every kind at once, 2,000 idle connections among them, and a well-behaved client that must not notice; the
# server's memory stays within what docs/server.md states. make siege does it with 10,000.
set -eu
case ${LW_BUILD:-} in
*asan*) # its redzones are not the server's memory, and everything takes longer
    exec python3 tests/server/clients.py mixed 15 ;;
esac
exec python3 tests/server/clients.py siege 2000 48
