#!/usr/bin/env bash
# book.sh EDDY FOLDER: every formula of the book has the verdict that stands beside it, in every chapter of both
# languages, the derivations from elsewhere included.
set -eu
eddy=$1
folder=$2
chapters=("$folder"/*.md "$folder"/elsewhere/*.md)
translated=("$folder"/zh/*.md)
if [ "${EDDY_TEST_EVERY:-1}" != 1 ]; then # a slow build reads one translation: the formulas are the same
    translated=("$folder"/zh/tutorial.md)
    if [ -z "${EDDY_TEST_ALL:-}" ]; then # and all chapters but the longest
        chapters=("$folder"/[!t]*.md "$folder"/elsewhere/*.md)
        translated=("$folder"/zh/scalar.md)
    fi
fi
"$eddy" check "${chapters[@]}" "${translated[@]}"
for twin in "$folder"/elsewhere/*-wrong.md; do # two errors were planted in each, and only there
    planted=$(grep -c '<!-- expect' "$twin")
    original=$(grep -c '<!-- expect' "${twin%-wrong.md}.md" || true)
    if [ $((planted - original)) -lt 2 ]; then
        echo "$twin: fewer than two planted errors ($planted against $original annotations)"
        exit 1
    fi
done
