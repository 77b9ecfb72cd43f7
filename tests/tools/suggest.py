"""What `eddy check --suggest` is worth: suggest.py EDDY FOLDER [--sample N] [NAME...]

Of each document the setups are taken out, a setup is suggested, and the document is checked with that, unedited. A
formula is right if its verdict is the one that it has with the setup that was written by hand. The table may only get
better; and no true formula may fail, whatever was proposed: a teacher who looks at it first must not be misled.
--sample N: every N-th document only, unless EDDY_TEST_ALL is set."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TABLE = {  # right at least
    "adam": 13,
    "alignment": 0,
    "assignment": 23,
    "bars": 13,
    "batchnorm": 8,
    "bishop": 28,
    "bounds": 17,
    "charrnn": 20,
    "chen": 30,
    "cho": 13,
    "components": 2,
    "concat": 21,
    "coursera": 13,
    "costates": 22,
    "cs224n": 16,
    "curvature": 16,
    "d2l": 18,
    "decoder": 1,
    "differentials": 25,
    "exam": 24,
    "fastweights": 30,
    "fused": 32,
    "gates": 21,
    "gomez": 15,
    "goodfellow": 16,  # two false ones stay NOT READ: nothing confirms what they fail by
    "gradients": 21,
    "graves": 15,
    "greff": 22,
    "handout": 7,  # the best by score; another proposal has nine right
    "heads": 7,
    "gru_ru": 32,
    "gru_zh": 26,
    "hochreiter": 15,
    "homework": 28,
    "issues": 8,
    "leaky": 17,
    "lecture": 20,
    "lnrnn": 28,
    "lru": 36,
    "lstm_fr": 15,
    "lstm_zh": 23,
    "luong": 17,
    "nielsen": 14,
    "normalised": 25,
    "pascanu": 15,
    "peepholes": 13,
    "projection": 14,
    "reservoir": 20,
    "rows": 24,
    "rtrl": 2,
    "scratch": 4,
    "taggers": 27,
    "temperature": 25,
    "thread": 18,
    "tokens": 20,
    "translation": 14,
    "truncation_zh": 13,
    "vectorised": 6,
    "werbos": 12,
}


def blank(found):
    return "\n" * found[0].count("\n")


def stripped(text):
    text = re.sub(r"<!--\s*eddy\b.*?-->", blank, text, flags=re.S)
    return re.sub(r"^```eddy\n.*?^```$", blank, text, flags=re.S | re.M)


def verdicts(eddy, document, *options):
    run = subprocess.run([eddy, "check", document, "--json", *options], capture_output=True, text=True, timeout=300)
    if not run.stdout:
        return {}
    return {f["id"]: (f["verdict"], (f["summary"] or {}).get("text", "")) for f in json.loads(run.stdout)["findings"]}


def accused(by_hand, suggested):
    """True formulas that fail with the suggested setup."""
    for id, (said, _) in by_hand.items():
        got = suggested.get(id, ("", ""))
        if got[0] == "FAILS" and said in ("HOLDS", "DEFINES", "DECLARES"):
            yield f"{id}: {said} by hand, FAILS {got[1]}"


def main(eddy, folder, every, only):
    worse, total, of = 0, 0, 0
    with tempfile.TemporaryDirectory() as place:
        bare, setup = str(pathlib.Path(place) / "bare.md"), str(pathlib.Path(place) / "setup.eddy")
        for path in sorted(pathlib.Path(folder).glob("*.md"))[::every]:
            if only and path.stem not in only:
                continue
            pathlib.Path(bare).write_text(stripped(path.read_text(encoding="utf-8")), encoding="utf-8")
            run = subprocess.run([eddy, "check", "--suggest", bare], capture_output=True, text=True, timeout=300)
            pathlib.Path(setup).write_text(run.stdout, encoding="utf-8")
            by_hand, suggested = verdicts(eddy, str(path)), verdicts(eddy, bare, "--setup", setup)
            wrong = {
                id: (said, suggested.get(id))
                for id, said in by_hand.items()
                if (suggested.get(id) or " ")[0] != said[0]
            }
            right = len(by_hand) - len(wrong)
            print(f"{path.name}: {right} of {len(by_hand)} right with {run.stdout.count(chr(10))} lines")
            total, of = total + right, of + len(by_hand)
            if only:
                print(run.stdout)
                for id, (said, got) in wrong.items():
                    print(f"    {id}: {said[0]} by hand, {got}")
            for one in accused(by_hand, suggested):
                worse += 1
                print(f"    accused: {one}")
            if right < TABLE[path.stem]:
                worse += 1
                print(f"    worse than {TABLE[path.stem]}:", ", ".join(wrong))
    print(f"{total} of {of}")
    return worse > 0


names, step = sys.argv[3:], 1
if names[:1] == ["--sample"]:
    step, names = 1 if os.environ.get("EDDY_TEST_ALL") else int(names[1]), names[2:]
sys.exit(main(sys.argv[1], sys.argv[2], step, names))
