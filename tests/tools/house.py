#!/usr/bin/env python3
"""The rules of the house that a machine can see: house.py SOURCES

- a line has at most 120 columns: of every source and script, and of prose beside them (tables, links and formulas go
  on);
- a function of the library has at most 80 lines, one of tensor/ and autograd/ at most 6 parameters;
- rooms include headers of rooms below them only, so there is no circle; no two headers have one name;
- a header that outsiders do not have is called what it is about, or SUBJECT_internal.h;
- nobody asks for an op by its name or rule: facts stand in the rule.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

COLUMNS, LINES, PARAMETERS = 120, 80, 6
FOLDERS = "tensor autograd nn optim models tools tests docs cmake amalgamation headers .ci".split()
SCRIPTS = {
    "tools/" + name for name in "after-install amalgamate archive book coverage demo loc test try-install".split()
}
CODE = {".c", ".h", ".cc", ".def", ".inc", ".py", ".sh", ".css", ".build", ".in", ".ini"}
# From the lowest up; a room may include headers of those before it.
ROOMS = """tensor tensor/kernels tensor/files
    autograd autograd/ops autograd/gradient autograd/composed autograd/program autograd/program/rules
    autograd/program/passes autograd/gradcheck autograd/graph
    nn optim models/common models
    tools/check/reader tools/check/meaning tools/check/judge tools/check/report
    tools/networks tools/explain tools/exercise tools/bench tools/figures tools""".split()
# Rooms side by side, neither of which sees the other.
APART = [
    ("autograd/program", "autograd/composed"),
    ("autograd/program", "autograd/gradient"),
    ("optim", "nn"),
    ("autograd/graph", "autograd/ops"),
    ("tools/explain", "tools/check/judge"),
]
LIBRARY = ("tensor", "autograd", "nn", "optim")


def room_of(path):
    folders = [r for r in ROOMS if path.is_relative_to(r)]
    return max(folders, key=len) if folders else None


def functions(lines):
    """(line number, lines, parameters, head) of each function whose braces stand alone in the first column."""
    begin = None
    for number, line in enumerate(lines):
        if line == "{":
            begin = number
        elif line == "}" and begin is not None:
            first = begin
            while first and lines[first - 1] and not lines[first - 1].startswith(("#", "}", "/*", " *", "//")):
                first -= 1
            head = " ".join(part.strip() for part in lines[first:begin])
            depth, parameters = 0, 1
            for sign in head[head.find("(") + 1 : head.rfind(")")] if "(" in head else "":
                depth += (sign == "(") - (sign == ")")
                parameters += sign == "," and depth == 0
            yield begin + 1, number - first + 1, parameters, head
            begin = None


def long_line_is_meant(path, line):
    """What cannot be broken: a table, a picture, a link, a formula, Chinese; in Python one string alone."""
    if path.suffix == ".md":
        chinese = any("\u4e00" <= sign <= "\u9fff" for sign in line)
        return chinese or line.startswith(("|", "![", "$$", "    ")) or "$" in line or "](" in line
    return "://" in line or (path.suffix == ".py" and re.fullmatch(r"""\s*[rf]?(".*"|'.*'),?""", line) is not None)


def check(root):
    paths = [p.relative_to(root) for folder in FOLDERS for p in sorted((root / folder).rglob("*")) if p.is_file()]
    paths += [Path(name) for name in ("meson.build", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    headers, includes, faults = defaultdict(list), [], []
    for path in paths:
        in_words = path.suffix == ".md" and path.parts[:2] not in (("tests", "documents"), ("docs", "exercises"))
        if not (
            path.suffix in CODE or path.name == "Makefile" or path.parts[0] == ".ci" or str(path) in SCRIPTS or in_words
        ):
            continue
        text = (root / path).read_text(encoding="utf-8")
        lines = text.split("\n")
        shown = lines
        if in_words:  # comments are setups and texts beside pictures, fences programs and what they print
            shown = re.sub(r"^```.*?^```|<!--.*?-->", lambda m: "\n" * m[0].count("\n"), text, flags=re.S | re.M).split(
                "\n"
            )
        for number, line in enumerate(shown, 1):
            if len(line) > COLUMNS and not long_line_is_meant(path, line):
                faults.append(f"{path}:{number}: {len(line)} columns, more than {COLUMNS}")
        if path.suffix not in (".c", ".h", ".inc", ".def"):
            continue
        room = room_of(path)
        if path.suffix == ".h":
            headers[path.name].append(path)
            if re.search(r"_(inside|parts|reader|private)\.h$", path.name):
                faults.append(f"{path}: a private header is called SUBJECT_internal.h")
        if not room:
            continue
        for name in re.findall(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', text, re.M):
            includes.append((path, room, Path(name).name))
        if path.parts[0] in LIBRARY:
            for number, length, parameters, head in functions(lines):
                if length > LINES:
                    faults.append(f"{path}:{number}: {length} lines, more than {LINES}: {head}")
                if parameters > PARAMETERS and path.parts[0] in ("tensor", "autograd"):
                    faults.append(f"{path}:{number}: {parameters} parameters, more than {PARAMETERS}: {head}")
            if re.search(r"strcmp\([^;]*\brule->name", text) or re.search(r"rule [!=]= &eddy_rule_", text):
                faults.append(f"{path}: asks for an op by its name or rule; say a fact in the rule")
    for name, places in headers.items():
        if len(places) > 1:
            faults.append(f"{name} is the name of {len(places)} headers: {', '.join(map(str, places))}")
    for path, room, name in includes:
        if name not in headers:
            continue
        other = room_of(headers[name][0])
        pair = tuple(sorted((room, other or "")))
        if other is None or other == room:
            continue
        if ROOMS.index(other) > ROOMS.index(room) or pair in map(tuple, map(sorted, APART)):
            faults.append(f"{path} includes {name}: {room} may not see {other}")
    return faults


def main(root):
    faults = check(Path(root))
    print("\n".join(faults) if faults else "all rules are kept")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
