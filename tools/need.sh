# Sourced by the scripts: `need THING...` installs what is missing, and only that, on Debian and Ubuntu. Without the
# right to install, it prints the one line that would and ends the script with status 1.

# The packages that bring a thing, or nothing if it is here.
missing() {
    case $1 in
    cc) echo '#include <stdio.h>' | ${CC:-cc} -E - >/dev/null 2>&1 || echo gcc libc6-dev ;;
    c++) command -v c++ >/dev/null || echo g++ ;;
    ninja) command -v ninja >/dev/null || echo ninja-build ;;
    gnuplot) command -v gnuplot >/dev/null || echo gnuplot-nox ;;
    dot) command -v dot >/dev/null || echo graphviz ;;
    check) pkg-config --exists check 2>/dev/null || echo check pkg-config ;;
    jansson) pkg-config --exists jansson 2>/dev/null || echo libjansson-dev pkg-config ;;
    *) command -v "$1" >/dev/null || echo "$1" ;;
    esac
}

# apt-get install, quiet unless it fails.
install_packages() {
    local sudo=() log
    [ "$(id -u)" = 0 ] || sudo=(sudo -n)
    log=$(mktemp)
    echo "Installing: $*"
    if ! { "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
    } >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

can_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

need() {
    local thing packages=()
    for thing in "$@"; do
        packages+=($(missing "$thing"))
    done
    [ ${#packages[@]} = 0 ] && return
    packages=($(printf '%s\n' "${packages[@]}" | sort -u))
    if ! can_install; then
        echo "sudo apt-get install ${packages[*]}"
        exit 1
    fi
    install_packages "${packages[@]}" || exit 1
}

# A command whose output is shown only if it fails.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null || status=$?
    [ $status = 0 ] || cat "$log" >&2
    rm -f "$log"
    return $status
}

# configured FOLDER OPTIONS...: a build folder, made once.
configured() {
    [ -f "$1/build.ninja" ] || quietly meson setup "$@"
}
