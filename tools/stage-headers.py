#!/usr/bin/env python3
"""Puts the public headers where a user finds them: stage-headers.py DIR HEADER...

DIR gets a copy of every header and the umbrella eddy.h, which includes them all; a file that would not change is left
alone, so that nothing is rebuilt for nothing.
"""
import sys
from pathlib import Path


def put(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main(directory, headers):
    target = Path(directory)
    names = []
    for header in map(Path, headers):
        put(target / header.name, header.read_text(encoding="utf-8"))
        if not header.name.endswith("_calls.h"):
            names.append(header.name)
    includes = "".join(f'#include "{name}"\n' for name in names)
    text = f"/* eddy: the whole public interface. */\n#ifndef EDDY_EDDY_H\n#define EDDY_EDDY_H\n\n{includes}\n#endif\n"
    put(target / "eddy.h", text)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
