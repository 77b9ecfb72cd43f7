#!/usr/bin/env python3
"""Runs the examples of a document for the program eddy: docs_check.py EDDY DOCUMENT... [--write]

An example is a ```markdown block and the ```text block after it, whose first line is the command: "$ eddy check
notes.md -v". The block becomes that file; a ```eddy-setup block before it the file named by --setup. Other commands, "$
eddy explain lstm", need no block; words are quoted as in a shell. The program's table of verdicts must have the rows
that are printed, all of them; every other line must be in what the program prints, in this order. Lines of "..." stand
for anything. How large an error is depends on the compiler and is not compared.

--write puts the program's tables and lines into the document instead: what is printed afterwards must be read by
somebody.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

VERDICTS = "DEFINES|DECLARES|HOLDS IF|HOLDS|FAILS|DEGENERATE|UNRESOLVED|NOT READ"
ROW = re.compile(rf"^[ !] \S.*?  +({VERDICTS})  +(-|\d\S*)(  .*)?$")
BLOCK = re.compile(r"^(`{3,})(markdown|eddy-setup|text)\n(.*?)^\1 *$", flags=re.S | re.M)


def examples(text):
    """(source, setup, command, lines, match of the text block)"""
    source = setup = None
    for block in BLOCK.finditer(text):
        kind, body = block[2], block[3]
        if kind == "text":
            first = body.split("\n", 1)[0]
            if first.startswith("$ eddy ") and (source is not None or not first.startswith("$ eddy check")):
                yield source, setup, shlex.split(first[2:]), body.splitlines()[1:], block
            source = setup = None
        elif kind == "eddy-setup":
            setup = body
        else:
            source = body


def without_size(line):
    return re.sub(
        r"\d\.\de[+-]\d\d|(?<=\.\d{12}) +\d+$", "#", line.rstrip()
    )  # an error, or a count of ulp behind a number


def run(eddy, source, setup, command, folder):
    if source is not None:
        name = next(word for word in command[2:] if not word.startswith("-"))
        (Path(folder) / name).write_text(source, encoding="utf-8")
    if setup is not None:
        (Path(folder) / command[command.index("--setup") + 1]).write_text(setup, encoding="utf-8")
    done = subprocess.run(
        [eddy, *command[1:]],
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env={**os.environ, "XDG_DATA_HOME": str(folder)},
    )
    return (done.stdout + done.stderr).splitlines()


def differences(shown, printed):
    table = [without_size(line) for line in printed if ROW.match(line)]
    want = [without_size(line) for line in shown if ROW.match(line)]
    for line in want:
        if line not in table:
            yield f"the program does not print: {line}"
    for line in table:
        if line not in want and want:
            yield f"the document does not show: {line}"
    at = 0
    lines = [without_size(line) for line in printed]
    for line in map(without_size, shown):
        if not line or line == "..." or ROW.match(line):
            continue
        if line in lines[at:]:
            at = lines.index(line, at) + 1
        else:
            yield f"the program does not print (here): {line}"


def written(shown, printed):
    """The program's output. Between lines of "..." as many lines as there were, from the one with which they began;
    these must be found by hand if they changed."""
    printed = [line.rstrip() for line in printed]
    if "..." not in shown:
        return printed
    out, at = [], 0
    for k, line in enumerate(shown):
        if line == "...":
            out.append(line)
        elif k and shown[k - 1] != "..." and out[-1] == printed[at - 1]:
            out.append(printed[at])
            at += 1
        elif without_size(line) in map(without_size, printed[at:]):
            at = next(i for i in range(at, len(printed)) if without_size(printed[i]) == without_size(line)) + 1
            out.append(printed[at - 1])
        else:
            out.append(line)
    return out


def main(eddy, documents, write):
    eddy = str(Path(eddy).resolve())
    checks = failures = 0
    for document in documents:
        text = Path(document).read_text(encoding="utf-8")
        pieces, end = [], 0
        for source, setup, command, shown, block in examples(text):
            with tempfile.TemporaryDirectory() as folder:
                printed = run(eddy, source, setup, command, folder)
            checks += 1
            line = text.count("\n", 0, block.start()) + 1
            wrong = list(differences(shown, printed))
            if wrong and not write:
                failures += 1
                print(f"{document}: line {line}: " + "\n    ".join(wrong))
            pieces += [
                text[end : block.start(3)],
                "$ " + " ".join(command) + "\n" + "\n".join(written(shown, printed)) + "\n",
            ]
            end = block.end(3)
        if write:
            Path(document).write_text("".join(pieces) + text[end:], encoding="utf-8")
    good = 100 * (checks - failures) // checks if checks else 0
    print(f"{good}%: Checks: {checks}, Failures: {failures}, Errors: 0")
    return 1 if failures or not checks else 0


if __name__ == "__main__":
    arguments = [word for word in sys.argv[1:] if word != "--write"]
    sys.exit(main(arguments[0], arguments[1:], "--write" in sys.argv))
