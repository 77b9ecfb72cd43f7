#!/usr/bin/env bash
# headers.sh HEADERS LIBRARY SOURCES: does every public header compile alone, as C17 and as C++17, without a warning,
# and does a C++ program link and run? HEADERS holds the folder eddy/ of staged headers, LIBRARY is libeddy to link
# with, SOURCES the folder of cpp_calls.cc. $CC and $CXX choose the compilers.
set -uo pipefail
headers=$1 library=$2 sources=$3
warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
status=0 count=0

cxx=${CXX:-c++}
if ! command -v "${cxx%% *}" >/dev/null; then
    echo "SKIPPED: headers as C++ (there is no $cxx)"
    cxx=
fi
for header in "$headers"/eddy/*.h; do
    name=$(basename "$header")
    case $name in *_calls.h) continue ;; esac # parts of the header that they are named after
    count=$((count + 1))
    # Twice: the guard must hold. The last line makes it no empty unit.
    unit=$(printf '#include <eddy/%s>\n#include <eddy/%s>\nextern int eddy_unit;\n' "$name" "$name")
    if ! ${CC:-cc} -x c -std=c17 "${warnings[@]}" -I"$headers" -fsyntax-only - <<<"$unit"; then
        echo "FAILED: <eddy/$name> alone as C17"
        status=1
    fi
    if [ -n "$cxx" ] && ! $cxx -x c++ -std=c++17 "${warnings[@]}" -I"$headers" -fsyntax-only - <<<"$unit"; then
        echo "FAILED: <eddy/$name> alone as C++17"
        status=1
    fi
done
if [ $count = 0 ]; then
    echo "FAILED: no headers in $headers/eddy"
    status=1
fi

if [ -n "$cxx" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    if ! $cxx -std=c++17 "${warnings[@]}" ${CXXFLAGS:-} -I"$headers" "$sources/cpp_calls.cc" \
        -o "$folder/cpp_calls" "$library" -lm \
        -Wl,-rpath,"$(dirname "$(realpath "$library")")"; then
        echo "FAILED: a C++ program does not compile or link"
        status=1
    elif ! "$folder/cpp_calls"; then
        echo "FAILED: a C++ program gives wrong results"
        status=1
    fi
fi
echo "$count headers, status $status"
exit $status
