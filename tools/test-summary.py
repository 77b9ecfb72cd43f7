#!/usr/bin/env python3
"""Sums up test runs: test-summary.py LOG.json... (written by meson test), one log a run.

Prints what failed, what was skipped and why, the summary line of every suite as Check prints it, and the totals. A
suite that failed without saying so (it crashed, or took too long) counts as one failure, and so does a run without any
log. Exit status 1 if anything failed.
"""
import json
import re
import sys
from pathlib import Path

SUMMARY = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.M)
SKIPPED = re.compile(r"^SKIPPED: .*", re.M)


def main(logs):
    passed = failed = 0
    summaries, skips, failures = [], [], []
    for log in map(Path, logs):
        run = f"{log.parent.parent.name}, {log.stem}"
        summaries.append(f"{run}:")
        tests = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []
        if not tests:
            failures.append(f"FAILED: {run}: no test was run")
            failed += 1
        for test in tests:
            output = test.get("stdout") or ""
            bad = 0
            for line in SUMMARY.finditer(output):
                checks, wrong, errors = map(int, line.groups())
                passed += checks - wrong - errors
                bad += wrong + errors
                summaries.append(line.group(0))
            skips += SKIPPED.findall(output)
            if test["result"] == "SKIP":
                skips.append(f"SKIPPED: {test['name']}")
            elif test["result"] not in ("OK", "EXPECTEDFAIL") or bad:
                failures.append(f"FAILED: {test['name']} ({run}): {test['result']}\n{output}{test.get('stderr') or ''}")
                bad = max(bad, 1)
            failed += bad
    for text in failures + sorted(set(skips)) + summaries:
        print(text)
    print(f"{passed} passed, {failed} failed, {len(set(skips))} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
