#!/usr/bin/env bash
# amalgamation.sh AMALGAMATION ARCHIVE LIBRARY HEADERS SOURCES [FLAG...]: are eddy.c and eddy.h in the folder
# AMALGAMATION the library? They compile without a warning by $CC, for C++, and from the unpacked ARCHIVE by make; and
# README's first program and the training example print with them what they print with LIBRARY, compiled with FLAGs.
# EDDY_TEST_ALL=1: by every compiler that is here, optimised more and less, with and without the checks of a debug
# build.
set -uo pipefail
amalgamation=$(realpath "$1") archive=$(realpath "$2") library=$(realpath "$3")
headers=$(realpath "$4") sources=$(realpath "$5")
shift 5
cc=${CC:-cc}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
checks=0 failures=0

# good WHAT COMMAND...: its output only if it fails
good() {
    local what=$1
    shift
    checks=$((checks + 1))
    if ! "$@" >"$folder/log" 2>&1 </dev/null; then
        failures=$((failures + 1))
        echo "FAILED: $what"
        head -40 "$folder/log"
        return 1
    fi
}

mkdir "$folder/eddy"
cp "$amalgamation"/eddy.[ch] "$folder/eddy/"
cp "$sources/docs/examples/training.c" "$folder"
awk '/^```c$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' "$sources/README.md" >"$folder/cell.c"
for program in cell training; do
    good "$program.c with the library" $cc "$@" -std=c17 -I"$headers" "$folder/$program.c" \
        -o "$folder/$program-library" "$library" -lm
    # of the kernels that the amalgamation has: those of the compiler's own target
    EDDY_ISA=baseline "$folder/$program-library" >"$folder/$program-expected" 2>&1
    [ -s "$folder/$program-expected" ] || echo "$program prints nothing" >"$folder/$program-expected"
done

# same COMPILER FLAG...: compiles eddy.c, and both programs say the same with it
same() {
    local program
    good "eddy.c by $*" $* -c "$folder/eddy/eddy.c" -o "$folder/eddy.o" || return
    for program in cell training; do
        good "$program.c by $*" $* -I"$folder" "$folder/$program.c" "$folder/eddy.o" -o "$folder/$program" -lm &&
            "$folder/$program" >"$folder/$program-printed" 2>&1
        good "$program compiled by $* prints the same" diff "$folder/$program-expected" "$folder/$program-printed"
    done
}

strict="-std=c17 -Wall -Wextra -Wpedantic -Werror"
[ -n "${EDDY_TEST_ALL:-}" ] || same $cc $strict -O1
for compiler in ${EDDY_TEST_ALL:+gcc clang}; do
    if command -v $compiler >/dev/null; then
        same $compiler $strict -O2
        same $compiler -O1 -DEDDY_DEBUG
    else
        echo "SKIPPED: $compiler (it is not installed)"
    fi
done
if command -v c++ >/dev/null; then
    good "a C++ program" c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -I"$folder" \
        "$sources/tests/tools/cpp_calls.cc" "$folder/eddy.o" \
        -o "$folder/cpp" -lm && good "the C++ program's results" "$folder/cpp"
fi

level=-O0
[ -z "${EDDY_TEST_ALL:-}" ] || level=-O1
good "the archive" tar xzf "$archive" -C "$folder"
cd "$folder"/eddy-*/ || exit 1
for file in eddy/eddy.c eddy/eddy.h LICENSE README.md CHANGELOG.md Makefile examples/training.c; do
    good "$file in the archive" test -s "$file"
done
good "make check" env -i PATH=/usr/bin:/bin make check CFLAGS=$level
good "make install" env -i PATH=/usr/bin:/bin make install CFLAGS=$level DESTDIR="$folder/root" PREFIX=/opt/eddy
good "a program with what make installed" cc -I"$folder/root/opt/eddy/include" "$folder/cell.c" -o "$folder/cell" \
    "$folder/root/opt/eddy/lib/libeddy.a" -lm

echo "$((100 * (checks - failures) / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ $failures = 0 ]
