#!/bin/sh
# make prove: what is proven of the protocol and of the C, one after the other. Goes on after a failure; fails at the end.
#
#   1  the exhaustive checker over PHT (docs/proving.md)
#   2  faults put in on purpose, in protocols and in the engine: the checker has to find each
#   3  a second opinion by SPIN over the same protocols, and whether the two agree (docs/second-opinion.md)
#   4  contracts on the C, by Frama-C with Z3 (docs/proofs.md)
#   5  no run-time error over whole ranges of inputs, by Frama-C Eva (docs/proofs.md)
set -u
program=${1:-build/loadwave}
build=${2:-build/release}
failed=""
step() { # step NAME COMMAND …
    name=$1
    shift
    printf '\n== %s\n' "$name"
    start=$(date +%s)
    "$@" || failed="$failed $name"
    printf '   %s s\n' $(($(date +%s) - start))
}

step checker "$program" protocol prove protocols/pht/pht.protocol
step faults python3 proofs/sabotage/run.py build/libloadwave.a "$build/libloadwave_prove.a"
step second-opinion sh proofs/spin/run.sh
step agreement python3 proofs/spin/compare.py "$program"
step contracts sh proofs/frama-c/run.sh
step eva sh proofs/frama-c/eva.sh

echo
if [ -n "$failed" ]; then
    echo "NOT PROVEN:$failed"
    exit 1
fi
echo "proven: the protocol by two checkers that agree, faults found, contracts on the C, no run-time error where Eva looked"
