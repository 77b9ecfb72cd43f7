#!/usr/bin/env python3
"""Compiles and runs every complete C program shown in a document.

    docs_programs.py CC HEADERS LIBRARY DOCUMENT...

A program is a ```c block with a main function. It must compile without a warning as C17, and exit with status 0. Prints
a summary in Check's form.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

WARNINGS = ["-std=c17", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def main(cc, headers, library, documents):
    checks = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for document in documents:
            for block in re.findall(
                r"^```c\n(.*?)^```$", Path(document).read_text(encoding="utf-8"), flags=re.S | re.M
            ):
                if "int main(" not in block:
                    continue
                checks += 1
                source, program = Path(folder) / f"program{checks}.c", Path(folder) / f"program{checks}"
                source.write_text(block, encoding="utf-8")
                build = subprocess.run(
                    [*cc.split(), *WARNINGS, f"-I{headers}", str(source), library, "-lm", "-o", str(program)],
                    capture_output=True,
                    text=True,
                )
                run = (
                    subprocess.run([str(program)], capture_output=True, text=True, timeout=120)
                    if build.returncode == 0
                    else build
                )
                if run.returncode or run.stderr:
                    failures += 1
                    print(f"{document}: program {checks}:\n{build.stderr}{run.stdout}{run.stderr}")
    good = 100 * (checks - failures) // checks if checks else 0
    print(f"{good}%: Checks: {checks}, Failures: {failures}, Errors: 0")
    return 1 if failures or not checks else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], sys.argv[4:]))
