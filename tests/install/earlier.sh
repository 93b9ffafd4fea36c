#!/bin/sh
# The package of an earlier commit, built once: earlier.sh BUILD FOLDER COMMIT prints its file. Packaged as today's is (packaging/deb.sh),
# with that commit's program, and the units, settings and scripts of LW_OLD_PACKAGING: the last commit before backups that nobody asks for.
set -eu
build=$1 folder=$2 commit=$3
tree=$PWD/build/install-test/old-$commit
if [ ! -x "$tree/build/loadwave" ]; then
    rm -rf "$tree"
    mkdir -p "$tree"
    git archive "$commit" | tar -x -C "$tree"
    (cd "$tree" && cmake -G Ninja -B build/release -DCMAKE_BUILD_TYPE=Release -DLW_ARTEFACTS="$PWD/build" &&
        cmake --build build/release --target loadwave_program) >"$tree.log" 2>&1 || { tail -n 30 "$tree.log" >&2; exit 1; }
fi
then=$tree.packaging
rm -rf "$then"
mkdir -p "$then"
git archive "${LW_OLD_PACKAGING:-2b5fd53}" packaging | tar -x -C "$then"
LW_PACKAGING=$then/packaging sh packaging/deb.sh "$build" "$folder" "0.1.0~git$commit" "$tree/build/loadwave"
