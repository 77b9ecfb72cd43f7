#!/usr/bin/env bash
# install.sh BUILD SOURCES [FLAG...]: does an installed eddy serve pkg-config and CMake? Installs the build folder BUILD
# into a temporary one, moves that, so that no path of the installation may be fixed, and compiles and runs the examples
# of SOURCES/docs/examples. FLAG: for the compiler and the linker.
set -uo pipefail
build=$1 sources=$2
shift 2
flags=$*
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
        cat "$folder/log"
    fi
}
good "meson install" env DESTDIR="$folder/root" meson install -C "$build" --no-rebuild
[ $failures = 0 ] || exit 1
eddy_pc=$(find "$folder/root" -name eddy.pc)
installed=$folder/root$(pkg-config --variable=prefix "$eddy_pc")
prefix="$folder/a moved tree"
mv "$installed" "$prefix"
cp -r "$sources/docs/examples" "$folder/examples"
pc=$(find "$prefix" -name eddy.pc)
library=$(dirname "$(find "$prefix" -name libeddy.a)")

good "the installed eddy --version" "$prefix/bin/eddy" --version
# no blank in this one: make cuts words there
ln -s "$prefix" "$folder/here"
export PKG_CONFIG_PATH=$folder/here${pc#"$prefix"}
PKG_CONFIG_PATH=$(dirname "$PKG_CONFIG_PATH")
good "pkg-config" make -C "$folder/examples/pkg-config" CC="$cc $flags" \
    PKG_CONFIG="pkg-config --define-variable=prefix=$folder/here"
good "the program built by make" "$folder/examples/pkg-config/training"
good "pkg-config --static" $cc $flags -std=c17 -I"$prefix/include" "$folder/examples/training.c" \
    -o "$folder/static" "$library/libeddy.a" \
    $(pkg-config --static --libs-only-other --libs-only-l eddy | sed 's/-leddy//')
good "the program with libeddy.a" "$folder/static"

if ! command -v cmake >/dev/null || ! cmake --version >/dev/null 2>&1; then
    echo "SKIPPED: CMake (it is not installed)"
else
    # project FOLDER PREFIX TEXT: configures a project of one program that says TEXT
    project() {
        mkdir -p "$1"
        printf 'cmake_minimum_required(VERSION 3.13)\nproject(p C)\n%s\n' "$3" >"$1/CMakeLists.txt"
        cmake -S "$1" -B "$1/build" -DCMAKE_PREFIX_PATH="$2" -DCMAKE_C_COMPILER="${cc##* }" -DCMAKE_C_FLAGS="$flags"
    }
    good "CMake finds eddy" cmake -S "$folder/examples/cmake" -B "$folder/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_C_COMPILER="${cc##* }" -DCMAKE_C_FLAGS="$flags"
    good "CMake builds the example" cmake --build "$folder/cmake"
    good "the example built by CMake" "$folder/cmake/training"
    good "CMake, the archive" project "$folder/archive" "$prefix" "find_package(eddy 0.2.0 REQUIRED)
        find_package(eddy REQUIRED)
        add_executable(p \"$folder/examples/training.c\")
        target_link_libraries(p PRIVATE eddy::static)"
    good "CMake builds with the archive" cmake --build "$folder/archive/build"
    good "the program with eddy::static" "$folder/archive/build/p"
    good "the versions that CMake accepts" project "$folder/versions" "$prefix" '
        foreach(asked IN ITEMS "" 0.2 0.2.0 "0.2.0;EXACT" 0.1...0.2 0.1...0.3)
          find_package(eddy ${asked} CONFIG QUIET)
          if(NOT eddy_FOUND)
            message(SEND_ERROR "find_package(eddy ${asked}) finds nothing")
          endif()
        endforeach()
        foreach(asked IN ITEMS 0.1 0.3 0.2.9 1.0 "0.1;EXACT" 0.1...<0.2 0.3...0.4)
          find_package(eddy ${asked} CONFIG QUIET)
          if(eddy_FOUND)
            message(SEND_ERROR "find_package(eddy ${asked}) is content with ${eddy_VERSION}")
          endif()
        endforeach()'
fi
[ $checks = 0 ] && exit 1
echo "$((100 * (checks - failures) / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ $failures = 0 ]
