#!/usr/bin/env python3
"""The exercises in C: as shipped each compiles without a warning and says that its answer is missing; with the solution
it is right; with a mistake in the solution the checker says so.

    course.py CC HEADERS LIBRARY COURSE SOLUTIONS
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

cc, headers, library, course, solutions = sys.argv[1:]
WARNINGS = ["-std=c17", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
YOURS = re.compile(r"( */\* ---- Yours.*?---- \*/\n).*?( */\* ---- to here ---- \*/\n)", re.S)
SLIPS = {
    "rnn": ("h[t - 1][s][k]", "h[t][s][k]"),
    "gru_step": (" + back * r[k]", ""),
    "attention": ("da[t] - mean", "da[t]"),
    "smoothing": (") / B;", ");"),
    "own_cell": ("next =", "(void)"),
}
checks = failures = 0


def run(folder, name, source):
    # A folder for each text: what a build with coverage counts is of one text only.
    program = Path(tempfile.mkdtemp(dir=folder)) / name
    Path(f"{program}.c").write_text(source, encoding="utf-8")
    build = subprocess.run(
        [
            *cc.split(),
            *WARNINGS,
            f"-I{headers}",
            f"-I{course}",
            str(program) + ".c",
            library,
            "-lm",
            "-o",
            str(program),
        ],
        capture_output=True,
        text=True,
    )
    return build if build.returncode else subprocess.run([str(program)], capture_output=True, text=True, timeout=120)


def check(good, what, done):
    global checks, failures
    checks += 1
    if not good:
        failures += 1
        print(f"not so: {what}\n{done.returncode}\n{done.stdout}{done.stderr}")


names = sorted(p.stem for p in Path(course).glob("*.c"))
with tempfile.TemporaryDirectory() as folder:
    for name in names:
        shipped = (Path(course) / f"{name}.c").read_text(encoding="utf-8")
        solution = (Path(solutions) / f"{name}.txt").read_text(encoding="utf-8")
        done = run(folder, name, shipped)
        check(
            done.returncode == 1 and " is missing: " in done.stdout,
            f"{name} as shipped says that its answer is missing",
            done,
        )
        done = run(folder, name, YOURS.sub(lambda m: m[1] + solution + m[2], shipped))
        check(
            done.returncode == 0 and done.stdout.startswith("agree") and not done.stderr,
            f"{name} with its solution agrees",
            done,
        )
        slip, other = SLIPS[name]
        if solution.count(slip) != 1:
            check(False, f"the slip of {name} stands once in its solution", done)
        done = run(folder, name, YOURS.sub(lambda m: m[1] + solution.replace(slip, other) + m[2], shipped))
        check(done.returncode == 1, f"{name} with a slip is refused", done)
print(f"{100 * (checks - failures) // max(checks, 1)}%: Checks: {checks}, Failures: {failures}, Errors: 0")
sys.exit(failures > 0 or not names)
