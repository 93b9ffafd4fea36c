#!/bin/sh
# The mutator itself: every mutant of a small function is made; those that can be noticed are, two are listed as equal;
# and a list that is wrong, or leaves a survivor out, makes the run fail. Exit 77 without clang-14 or python3 (an error with LW_STRICT).
set -u
if ! command -v clang-14 >/dev/null || ! command -v python3 >/dev/null; then
    echo "the mutation run needs clang-14 and python3"
    [ -z "${LW_STRICT:-}" ] && exit 77
    exit 1
fi
case "${LW_BUILD:?}" in *asan* | *tsan* | *coverage*) echo "the library of this build is instrumented; another preset runs this"; exit 77 ;; esac
folder=$LW_BUILD/mutate-sample
mkdir -p "$folder"
passed=0
failed=0

# run NAME EXIT LIST TEXT…: the run with this list of equal mutants ends so, and its report says each text.
run() {
    name=$1 wanted=$2 list=$3
    shift 3
    rm -f "$folder/results.tsv"
    said=$(python3 tools/mutate/mutate.py --sample all --build "$folder" --library "$LIBLOADWAVE" --without-stories \
        --sources tests/mutate/sample.c --tests tests/mutate/sample_test.c --equal "$list" 2>&1)
    ended=$?
    wrong=
    [ $ended -eq "$wanted" ] || wrong="exit $ended, expected $wanted"
    for text in "$@"; do
        case $said in *"$text"*) ;; *) wrong="$wrong; does not say: $text" ;; esac
    done
    if [ -z "$wrong" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s: %s\n%s\n' "$name" "$wrong" "$said"
    fi
}

run "every mutant that can be noticed is" 0 tests/mutate/equal.txt "7 mutants in 1 sources" \
    "5 killed, 0 survived, 2 equal: 100.0 %"
run "what survives is shown with its place" 1 /dev/null "5 killed, 2 survived, 0 equal: 71.4 %" \
    "tests/mutate/sample.c:5 sample_clamp" "- value < 0" "+ value <= 0"

sed '/^+ value < 1$/d' tests/mutate/equal.txt >"$folder/short.txt"
run "a survivor that the list leaves out" 1 "$folder/short.txt" "5 killed, 1 survived, 1 equal" "+ value < 1"

{
    cat tests/mutate/equal.txt
    printf '@ sample.c sample_clamp\n- value < most\n+ value >= most\n= not true\n'
    printf '@ sample.c sample_clamp\n- value < gone\n+ value > gone\n= of a text that is not there any more\n'
} >"$folder/wrong.txt"
run "a list that is wrong" 1 "$folder/wrong.txt" "notices it, so it is not equal: value < most → value >= most" \
    "no such mutant: sample.c sample_clamp: value < gone → value > gone"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
