#!/usr/bin/env python3
"""The sheets of exercises: sound, and the same in both languages.

    exercise_sheets.py EDDY FOLDER [SHARE]

FOLDER holds en/ and zh/. SHARE = n: only every n-th exercise is marked; without it, all.
"""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

eddy, folder = sys.argv[1], Path(sys.argv[2])
share = int(sys.argv[3]) if len(sys.argv) > 3 else 1
BLOCK = re.compile(r"^(?:```(?:exercise|solution).*?^```$|<!-- eddy$.*?^-->$)", re.M | re.S)
ID = re.compile(r"^```exercise (\S+)$", re.M)
bad = 0


def complain(words):
    global bad
    bad += 1
    print(words)


names = {language: sorted(p.name for p in (folder / language).glob("*.md")) for language in ("en", "zh")}
if names["en"] != names["zh"] or not names["en"]:
    complain(f"the sheets differ: {names}")
seen = []
for name in names["en"]:
    en, zh = ((folder / language / name).read_text(encoding="utf-8") for language in ("en", "zh"))
    if BLOCK.findall(en) != BLOCK.findall(zh):
        complain(f"{name}: setups, exercises or solutions differ between the languages")
    headings = [[line for line in text.splitlines() if line.startswith("#")] for text in (en, zh)]
    if len(headings[0]) != len(headings[1]):
        complain(f"{name}: {len(headings[0])} headings in English, {len(headings[1])} in Chinese")
    untranslated = [e for e, z in zip(*headings) if e == z]
    if untranslated:
        complain(f"{name}: not translated: {untranslated}")
    ids = ID.findall(en)
    for id in ids:
        if not id.startswith(name[:-3] + "-"):
            complain(f"{name}: the id {id} does not begin with the chapter's name")
    seen += [(name, id) for id in ids]
if len({id for _, id in seen}) != len(seen):
    complain("an id stands twice")
for language in ("en", "zh"):
    listed = subprocess.run(
        [eddy, "exercise", "--json", "--lang", language],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_DATA_HOME": "/nowhere"},
    ).stdout
    built_in = [(e["sheet"] + ".md", e["id"]) for e in json.loads(listed)["exercises"]]
    if sorted(built_in) != sorted(seen):
        complain(
            f"the program's exercises ({language}) are not those of the folder: {sorted(set(seen) ^ set(built_in))}"
        )
for i, (name, id) in enumerate(seen):
    if i % share:
        continue
    done = subprocess.run([eddy, "exercise", "--check", folder / "en" / name, id], capture_output=True, text=True)
    hints = re.search(r"^hints: .*?(\d+) vague, (\d+) wrong", done.stdout, re.M)
    if done.returncode or done.stderr or not hints or hints.groups() != ("0", "0"):
        complain(f"{name} {id}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    if "list fewer than" in done.stdout:
        complain(f"{id} lists fewer than two right or five wrong answers")
print(f"{len(seen)} exercises in {len(names['en'])} sheets, {len(seen[::share])} marked; {bad} complaints")
sys.exit(bad > 0)
