#!/usr/bin/env python3
"""Line and branch coverage of each folder: coverage-report.py BUILD [--html FOLDER] [--missed [PREFIX]], from what
gcc's -fprofile-arcs left in BUILD.

Reads gcov's JSON. A source that was compiled into several objects is counted once, its counts added; see tools/coverage
for what is counted.
"""
import argparse
import html
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In the order of the layers; a file belongs to the longest that holds it, and a layer's line sums up its rooms.
LAYERS = ["tensor", "autograd", "nn", "optim", "models", "tools/check", "tools/explain", "tools"]


class Source:
    def __init__(self):
        self.lines = defaultdict(int)  # number: times run
        self.branches = {}  # (number, function, outcomes): [times taken]


# What stands in front of a kernel's name: one for each instruction set that the same lines are compiled for.
KERNEL = re.compile("^eddy_(baseline|avx2|avx512|neon)_")


def gcov(build):
    # Ninja removes the object of a source that was moved or deleted, and leaves its notes behind.
    notes = sorted(path for path in Path(build).rglob("*.gcno") if path.with_suffix(".o").exists())
    for start in range(0, len(notes), 100):
        run = subprocess.run(
            ["gcov", "--json-format", "--stdout", "--branch-probabilities"]
            + [str(path.resolve()) for path in notes[start : start + 100]],
            capture_output=True,
            text=True,
            cwd=build,
        )
        for line in run.stdout.splitlines():
            if line.startswith("{"):
                yield json.loads(line)


def instruction_set(report):
    """Of an object of kernels, else None."""
    found = re.search(r"libeddy-kernels-(\w+)", report["data_file"])
    return found and found[1]


def collect(build):
    reports = list(gcov(build))
    # The same lines are compiled for instruction sets that this machine does not have: nothing there can run.
    ran = {
        instruction_set(report)
        for report in reports
        if any(line["count"] for file in report["files"] for line in file["lines"])
    }
    sources = defaultdict(Source)
    for report in reports:
        if instruction_set(report) not in ran | {None}:
            continue
        for file in report["files"]:
            path = Path(os.path.normpath(os.path.join(report.get("current_working_directory", build), file["file"])))
            if not path.is_relative_to(ROOT) or path.is_relative_to(Path(build).resolve()):
                continue
            name = path.relative_to(ROOT).as_posix()
            if layer(name) is None:
                continue
            for line in file["lines"]:
                number = line["line_number"]
                sources[name].lines[number] += line["count"]
                taken = [branch["count"] for branch in line["branches"]]
                if taken:
                    # Sets with other tiles or vectors have other branches on a line: those are counted apart.
                    key = (number, KERNEL.sub("", line.get("function_name", "")), len(taken))
                    before = sources[name].branches.get(key, [0] * len(taken))
                    sources[name].branches[key] = [a + b for a, b in zip(before, taken)]
    return sources


def layer(name):
    return next((layer for layer in LAYERS if name.startswith(layer + "/")), None)


def counts(sources):
    lines = [count for source in sources for count in source.lines.values()]
    branches = [count for source in sources for taken in source.branches.values() for count in taken]
    return sum(count > 0 for count in lines), len(lines), sum(count > 0 for count in branches), len(branches)


def row(title, sources):
    run, lines, taken, branches = counts(sources)
    share = lambda part, whole: f"{100 * part / whole:6.1f}%" if whole else "      -"
    return (
        f"{title:<24} {share(run, lines)} {run:>7} of {lines:<7} {share(taken, branches)} {taken:>7} of {branches:<7}"
    )


def table(sources):
    print(f"{'folder':<24}  lines                     branches")
    for top in LAYERS:
        mine = {name: source for name, source in sources.items() if layer(name) == top}
        if not mine:
            continue
        print(row(top, mine.values()))
        rooms = sorted({os.path.dirname(name) for name in mine})
        for room in rooms if len(rooms) > 1 else []:
            print(
                row(
                    "  " + (room if room != top else room + ", itself"),
                    [source for name, source in mine.items() if os.path.dirname(name) == room],
                )
            )
    print(
        row(
            "tensor and autograd", [source for name, source in sources.items() if layer(name) in ("tensor", "autograd")]
        )
    )
    print(row("all", sources.values()))


def missed(sources, prefix):
    for name in sorted(sources):
        if not name.startswith(prefix):
            continue
        text = (ROOT / name).read_text(encoding="utf-8").splitlines()
        for (number, function, _), taken in sorted(sources[name].branches.items()):
            if 0 in taken:
                outcomes = "".join("-" if count == 0 else "+" for count in taken)
                print(f"{name}:{number}: {outcomes} {function}: {text[number - 1].strip()}")


def page(folder, name, source):
    taken = defaultdict(list)
    for (number, _, _), outcomes in sorted(source.branches.items()):
        taken[number] += outcomes
    rows = []
    for number, text in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
        count, outcomes = source.lines.get(number), taken.get(number, [])
        kind = "" if count is None else "never" if count == 0 else "partly" if 0 in outcomes else "run"
        marks = "".join("-" if outcome == 0 else "+" for outcome in outcomes)
        rows.append(
            f'<span class="{kind}">{number:5} {"" if count is None else count:>12} {marks:>8}  '
            f"{html.escape(text)}</span>"
        )
    path = folder / (name.replace("/", "-") + ".html")
    path.write_text(
        HEAD + f"<h1>{name}</h1><p>line, times run, branches (- never taken)</p><pre>" + "\n".join(rows) + "</pre>",
        encoding="utf-8",
    )
    return path.name


HEAD = """<!doctype html><meta charset="utf-8"><title>eddy: coverage</title><style>
body { font: 14px sans-serif } pre { font-size: 12px } td { padding: 0 1em }
.never { background: #f8c0c0 } .partly { background: #fbe7a8 }
.run { background: #e6f5e6 } span { display: inline-block; min-width: 100% } </style>
"""


def pages(folder, sources):
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name in sorted(sources, key=lambda name: (LAYERS.index(layer(name)), name)):
        run, lines, taken, branches = counts([sources[name]])
        rows.append(
            f'<tr><td><a href="{page(folder, name, sources[name])}">{name}</a><td>{run} of {lines} lines'
            f"<td>{taken} of {branches} branches<td>{100 * taken / branches if branches else 100:.1f}%</tr>"
        )
    (folder / "index.html").write_text(
        HEAD + "<h1>Coverage</h1><table>" + "\n".join(rows) + "</table>", encoding="utf-8"
    )
    print(f"wrote {folder}/index.html")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--html", type=Path)
    parser.add_argument("--missed", nargs="?", const="")
    options = parser.parse_args()
    sources = collect(options.build)
    if not sources:
        sys.exit(
            f"{options.build} holds no counts: was it built with -Db_coverage=true, "
            f"and are gcc and gcov of one version?"
        )
    if options.missed is not None:
        missed(sources, options.missed)
    if options.html:
        pages(options.html, sources)
    table(sources)


if __name__ == "__main__":
    main()
