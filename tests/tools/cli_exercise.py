#!/usr/bin/env python3
"""eddy exercise from outside: marks, hints, restatements, progress, classes, hostile answers.

    cli_exercise.py EDDY
"""
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

eddy = sys.argv[1]
checks = failures = 0
work = Path(tempfile.mkdtemp())
data = work / "data"
environment = {**os.environ, "XDG_DATA_HOME": str(data)}


def run(*words, stdin=None, env=environment):
    return subprocess.run([eddy, "exercise", *map(str, words)], capture_output=True, input=stdin, env=env, timeout=120)


def check(good, what, done=None):
    global checks, failures
    checks += 1
    if not good:
        failures += 1
        print(f"not so: {what}")
        if done is not None:
            print(
                done.returncode,
                done.stdout.decode(errors="replace")[-1500:],
                done.stderr.decode(errors="replace")[-500:],
            )


def mark(id, answer, *more):
    done = run(id, "--json", "--hint", "3", "--answer", answer, *more)
    try:
        return json.loads(done.stdout), done
    except json.JSONDecodeError:
        return {"mark": "?", "lines": [], "sentence": ""}, done


# Right in any form; wrong with the mistake and a counterexample; under a condition; not read with the place.
for answer in (
    r"\mathrm d C_{t,b,j} C_{t-1,b,j}",
    r"\mathrm d f_{t,b,j} = C_{t-1,b,j} \frac{\partial L}{\partial C_{t,b,j}} \cdot 1",
    r"$$\mathrm d f_{t,b,j} = \frac12 \cdot 2 \mathrm d C_{t,b,j} C_{t-1,b,j}$$",
):
    found, done = mark("scalar-1", answer)
    check(done.returncode == 0 and found["mark"] == "right", f"{answer} is right", done)
found, done = mark("scalar-1", r"\mathrm d C_{t,b,j} C_{t,b,j}")
line = (found["lines"] or [{}])[0]
check(
    done.returncode == 1 and found["mark"] == "wrong" and line.get("mistake") == "step", "a wrong step is named", done
)
check("the left side is" in line.get("counterexample", ""), "a counterexample stands beside it", done)
check(
    len(line.get("hints", [])) == 3 and "C_{t-1,b,j}" in line["hints"][2] and "C_{t-1,b,j}" not in line["hints"][1],
    "the third hint says what the second does not",
    done,
)
found, done = mark("scalar-3", r"\mathrm d h_{t,b,j} o_{t,b,j} (1 - \tanh^2 C_{t,b,j})")
line = (found["lines"] or [{}])[0]
check(
    found["mark"] == "right-if" and line.get("mistake") == "path" and line["conditions"],
    "a forgotten path is a condition",
    done,
)
found, done = mark("scalar-1", r"\mathrm d C_{t,b,j} \frac{q")
check(found["mark"] == "not-read" and found["lines"][0]["why"], "what cannot be read says where", done)
found, done = mark("scalar-1", r"\mathrm d C_{t,b,j} q_t")
check(
    found["mark"] == "not-read" and "neither defined" in found["lines"][0]["why"], "an unknown name is not read", done
)
found, done = mark(
    "scalar-3", r"\mathrm d C_{t,b,j} = \mathrm d h_{t,b,j} o_{t,b,j} (1 - \tanh^2 C_{t,b,j}), \quad t = T"
)
check(found["mark"] != "right", "a condition of one's own does not make it right", done)

# As students write: of the vector for its elements and the other way round, for the step before, with the labels above,
# the punctuation of a Chinese keyboard, in blocks, a chain of equations.
for id, answer in (
    ("scalar-1", r"\mathrm d f_t = \mathrm d C_t \odot C_{t-1}"),
    ("scalar-1", r"\mathrm d C_t \odot C_{t-1}"),
    ("scalar-1", "\\mathrm d f_{t，b，j} = \\mathrm d C_{t，b，j} C_{t-1，b，j}。"),
    ("scalar-2", r"\delta^f_{t,b,j} = \mathrm d C_{t,b,j} C_{t-1,b,j} f_{t,b,j} (1 - f_{t,b,j})"),
    ("scalar-3", r"\mathrm d h_{t,b,j} o_{t,b,j} \operatorname{sech}^2(C_{t,b,j}) + \mathrm d C_{t+1,b,j} f_{t+1,b,j}"),
    (
        "scalar-3",
        r"\mathrm d C_{t-1,b,j} = \mathrm d h_{t-1,b,j} o_{t-1,b,j} (1 - \tanh^2 C_{t-1,b,j}) "
        r"+ \mathrm d C_{t,b,j} f_{t,b,j}",
    ),
    ("scalar-5", r"\frac{\partial L}{\partial W_{g,j,m}} = \sum_{t,b} \delta_{g,t,b,j} \zeta_{t,b,m}"),
    (
        "scalar-5",
        r"\frac{\partial L}{\partial W_{g,jm}} = \sum_{t=1}^{T} \sum_{b=1}^{B} \frac{\partial L}{\partial a_{g,t,b,j}} "
        r"\frac{\partial a_{g,t,b,j}}{\partial W_{g,jm}} "
        r"= \sum_{t=1}^{T} \sum_{b=1}^{B} \delta_{g,t,b,j} \zeta_{t,b,m}",
    ),
    ("matrix-1", r"\delta_{o,t,b,j} = \mathrm d h_{t,b,j} \tanh(C_{t,b,j}) o_{t,b,j} (1 - o_{t,b,j})"),
    (
        "matrix-3",
        r"\frac{\partial L}{\partial W_g} "
        r"= [\sum_{t=1}^T \delta_{g,t} h_{t-1}^\top, \sum_{t=1}^T \delta_{g,t} x_t^\top]",
    ),
    ("matrix-3", r"\sum_{t=1}^{T} \delta_{g,t} \zeta_t^\top"),
    ("matrix-3", r"\square = \delta_{g,t} \zeta_t^\top"),
    ("matrix-4", r"\mathrm d h_{t-1} = \hat g_{t-1} + \sum_g (W_g^h)^\top \delta_{g,t}, \quad t \ge 2"),
    ("gru-5", "(H, H+I)"),
    ("gru-5", "H x (H+I)"),
    ("gru-5", r"H \times H + I"),
    ("matrix-5", "t == T"),
):
    found, done = mark(id, answer)
    check(done.returncode == 0 and found["mark"] == "right", f"{id}: {answer} is right", done)
# ... and what is not: true of a fixed element, at the wrong step, still in elements, without its index, words.
for id, answer, verdict in (
    ("scalar-1", r"\mathrm d f_t = \mathrm d C_t \odot C_t", "wrong"),
    ("scalar-1", r"\mathrm d C_t \odot C_t", "wrong"),
    ("gru-1", r"\mathrm d z_{t,1,1} = \mathrm d h_{t,1,1} (\tilde h_{t,1,1} - h_{t-1,1,1})", "terms"),
    ("matrix-4", r"\mathrm d h_{t-1} = \hat g_{t-1} + \sum_g (W_g^h)^\top \delta_{g,t+1}", "wrong"),
    (
        "gru-7",
        r"\frac{\partial L}{\partial W_{z,jm}} = \sum_{t=1}^{T} \sum_{b=1}^{B} \delta_{z,t,b,j} \zeta_{t,b,m}",
        "terms",
    ),
    ("matrix-1", r"\delta_{o,t} = \delta_t^o", "nothing"),
    ("scalar-3", r"(\mathrm d C_t)_{b,j}", "nothing"),
    ("scalar-2", r"\mathrm d f_{t,b,j} \sigma'(a_{f,t,b,j})", "terms"),
    ("gru-5", "(H+I, H)", "wrong"),
    ("matrix-5", r"\mathrm d C_t = \mathrm d h_t \odot o_t \odot (1 - \tanh^2 C_t)", "nothing"),
    ("matrix-5", "t = T, t = 1", "not-read"),
    ("scalar-1", r"\mathrm d C_{t,b,j} \foo", "not-read"),
):
    found, done = mark(id, answer)
    check(
        done.returncode == 1 and found["mark"] == verdict,
        f"{id}: {answer} is marked {verdict}, not {found['mark']}",
        done,
    )
for id in ("scalar-1", "matrix-5"):
    done = run(id, "-a", "the error times the old cell state")
    check(done.returncode == 2 and b"Words are not marked" in done.stderr, f"{id}: words are told to be words", done)
done = run("scalar-1", "--hint", "3", "-a", r"\mathrm d C_{t,b,j} C_{t-1,b,j")
check(b"not read" in done.stdout and b"hint" not in done.stdout, "no hint is given about what is not read", done)
for id, answer in (
    ("matrix-1", r"\mathrm d h_t^\top \odot \tanh(C_t) \odot o_t \odot (1 - o_t)"),
    ("matrix-6", r"\frac{\partial L}{\partial b_g} = \sum_t 1_B \delta_{g,t}^T"),
):
    done = run(id, "-a", answer)
    check(done.returncode == 0 and b"Read so that it fits" in done.stdout, f"{id}: what is read kindly is told", done)
# Mistakes that are named, and where.
for id, answer, mistake, words in (
    ("scalar-1", r"\sum_t \mathrm d C_{t,b,j} C_{t-1,b,j}", "sum", "too much"),
    ("scalar-1", r"\mathrm d C_{t,b,j} + C_{t-1,b,j}", "factor", "product"),
    (
        "scalar-2",
        r"\mathrm d C_{t,b,j} C_{t-1,b,j} i_{t,b,j} (1 - i_{t,b,j})",
        "factor",
        "i_{t,b,j}(1 - i_{t,b,j}) should be f_{t,b,j}",
    ),
    ("scalar-2", r"\mathrm d C_{t,b,j} C_{t-1,b,j} \sigma'(f_{t,b,j})", "derivative", "f_{t,b,j}(1 - f_{t,b,j})"),
    (
        "scalar-3",
        r"\mathrm d h_{t,b,j} o_{t,b,j} (1 - \tanh^2 C_{t,b,j}) + \mathrm d C_{t-1,b,j} f_{t-1,b,j}",
        "step",
        "f_{t+1,b,j}",
    ),
    ("scalar-5", r"\delta_{g,t,b,j} \zeta_{t,b,m}", "sum", "Σ_{t=1}^{T} Σ_{b=1}^{B} … is missing"),
    ("scalar-5", r"\sum_{t=1}^{T} \sum_{b=1}^{B} \delta_{g,t,b,m} \zeta_{t,b,j}", "transpose", "δ_{g,t,b,j} ζ_{t,b,m}"),
    ("scalar-6", r"\mathrm d C_{0,b,j} f_{1,b,j}", "restated", ""),
    ("matrix-3", r"\zeta_t^\top \delta_{g,t}", "transpose", "δ_{g,t} ζ_tᵀ"),
    ("matrix-4", r"\hat g_t + (W_g^h)^\top \delta_{g,t+1}", "sum", "is missing"),
    ("matrix-4", r"\hat g_t + \sum_g W_g^\top \delta_{g,t+1}", "name", "W_g^h"),
    ("matrix-6", r"\sum_{t=1}^{T} \delta_{g,t} \mathbf 1_H", "name", "𝟏_B"),
    (
        "gru-3",
        r"(W^h)^\top (\delta_{h,t} \odot h_{t-1}) \odot r_t \odot (1 - r_t)",
        "transpose",
        "((W^h)ᵀ δ_{h,t}) ⊙ h_{t-1}",
    ),
):
    found, done = mark(id, answer)
    line = (found["lines"] or [{}])[0]
    check(
        done.returncode == 1 and line.get("mistake") == mistake and words in (line.get("hints", [""])[-1] or ""),
        f"{id}: {answer} is {mistake} with {words}",
        done,
    )
done = run("matrix-5", "-a", "t = 1")
check(b"At t = T the formula holds" in done.stdout, "where a condition is wrong is told", done)

# What says nothing.
for answer in (
    r"\mathrm d f_{t,b,j}",
    r"\frac{\partial L}{\partial f_{t,b,j}}",
    r"2 \mathrm d f_{t,b,j} - \mathrm d f_{t,b,j}",
    "$$u_t = \\mathrm d f_t$$\n\n$$\\mathrm d f_{t,b,j} = u_{t,b,j}$$",
    "$$u_t = \\mathrm d f_{t-1}$$\n\n$$\\mathrm d f_{t,b,j} = u_{t+1,b,j}$$",
    r"\frac{\delta_{f,t,b,j}}{f_{t,b,j} (1 - f_{t,b,j})}",
    r"f_{t,b,j} = f_{t,b,j}",
    r"\mathrm d C_{t,b,j} = \mathrm d C_{t,b,j}",
):
    found, done = mark("scalar-1", answer)
    check(done.returncode != 0 and found["mark"] != "right", f"{answer} says nothing", done)
# An answer cannot change what the question means.
for setup in (
    "<!-- eddy\nhold C_t fixed\n-->\n",
    "```eddy\nscene other\n\\mathrm d f_t = 0\n```\n",
    "<!-- expect fails -->\n",
):
    found, done = mark("scalar-1", setup + r"$$\mathrm d f_{t,b,j} = -\mathrm d C_{t,b,j} C_{t-1,b,j}$$")
    check(found["mark"] == "wrong", "a setup in the answer is passed over", done)
# Names of one's own and several lines.
found, done = mark(
    "scalar-2", "$$u_t = \\mathrm d C_t \\odot C_{t-1}$$\n\n$$\\delta_{f,t,b,j} = u_{t,b,j} f_{t,b,j} (1 - f_{t,b,j})$$"
)
check(
    found["mark"] == "right" and [x["mark"] for x in found["lines"]] == ["names", "right"], "names of one's own", done
)
answer = work / "answer.md"
answer.write_text(
    "Text.\n\n$$\\mathrm d f_{t,b,j} = \\mathrm d C_{t,b,j} C_{t-1,b,j}$$\n\n"
    "$$\\mathrm d f_{t,b,j} = \\mathrm d C_{t,b,j}$$\n"
)
done = run("scalar-1", answer)
check(
    done.returncode == 1 and b"(line 5)" in done.stdout and b"    right" in done.stdout,
    "marks stand line by line",
    done,
)
check(run("scalar-1", "-", stdin=answer.read_bytes()).returncode == 1, "standard input")
check("正确".encode() in run("scalar-1", "--lang", "zh", "-a", r"\mathrm d C_{t,b,j} C_{t-1,b,j}").stdout, "Chinese")
done = run("forward-1")
check(
    "□" in done.stdout.decode() and b"square" not in done.stdout and b"-a '" in done.stdout,
    "a blank is a square, and how to answer is said",
    done,
)
# The number of \beta_2 is a part of its name, no step.
for id, answer_ in (
    ("optimisers-4", r"(1 - \beta_2) \sum_{k=1}^{t} \beta_2^{t-k} g_k"),
    ("optimisers-3", r"1 - \beta_2^t"),
):
    found, done = mark(id, answer_)
    check((found["lines"] or [{}])[0].get("mistake") == "name", f"{id}: another beta is another name", done)
for latex, words in (
    (r"\mathrm d f_{t,b,j} = W", "W 既没有定义也没有给定"),
    (r"\frac{a", "缺少"),
    ("x_t", "等号两边，标量与 4 维列向量 不相配"),
    (r"\foo x", "不认识"),
    (r"h_{t,b,j,k}", "的下标没有这么多"),
):
    said = run("scalar-1", "--lang", "zh", "-a", latex).stdout.decode()
    check(
        words in said and not re.search(r"[a-z]{4,} [a-z]+ ", said.split("\n", 1)[1]),
        f"the judge speaks Chinese of {latex}: {said}",
    )
check(
    "切断 C_t → C_{t+1}"
    in run("scalar-3", "--lang", "zh", "-a", r"\mathrm d h_{t,b,j} o_{t,b,j} (1 - \tanh^2 C_{t,b,j})").stdout.decode(),
    "a condition in Chinese",
)
for condition, right in (
    ("t = T", True),
    ("T = t", True),
    ("t > T - 1", True),
    ("t < T", False),
    ("t = 1", False),
    ("t", False),
):
    found, done = mark("matrix-5", condition)
    check((done.returncode == 0) == right, f"the condition {condition}", done)

# Progress.
kept = data / "eddy" / "exercises.txt"
check(kept.exists() and "scalar-1" in kept.read_text() and " solved" in kept.read_text(), "progress is kept")
listed = {e["id"]: e for e in json.loads(run("--json").stdout)["exercises"]}
check(listed["scalar-1"]["solved"] and not listed["scalar-4"]["solved"], "the list shows it")
tries = listed["scalar-1"]["tries"]
many = [
    subprocess.Popen([eddy, "exercise", "forward-3", "-a", r"H \times H"], env=environment, stdout=subprocess.DEVNULL)
    for _ in range(8)
]
check(all(p.wait() == 1 for p in many), "eight at a time")
listed = {e["id"]: e for e in json.loads(run("--json").stdout)["exercises"]}
check(listed["forward-3"]["tries"] == 8 and listed["scalar-1"]["tries"] == tries, "none of eight at a time is lost")
kept.write_bytes(b"\xff\x00garbage\nscalar-1 3 solved\nscalar-2 x solved\n" + b"z" * 5000)
done = run()
check(done.returncode == 0 and b"1 of" in done.stdout, "a damaged file is borne", done)
sealed = {**environment, "XDG_DATA_HOME": "/dev/null/x"}
done = run("forward-3", "-a", r"H \times (H+I)", env=sealed)
check(done.returncode == 0 and b"progress is not kept" in done.stderr, "no place for progress spoils no mark", done)

# Hostile answers end in a sentence.
hostile = {
    "long": b"$x = " + b"x" * 10_000_000 + b"$",
    "nul": b"$x\0 = 1$",
    "empty": b"",
    "blank": b" \n\n",
    "deep": b"$$" + b"{" * 50_000 + b"$$",
    "deeper": b"$$\\mathrm d f_{t,b,j} = " + b"\\left(" * 3000 + b"x" + b"\\right)" * 3000 + b"$$",
    "html": b"<script>alert(1)</script> $$\\mathrm d f_{t,b,j} = <b>x</b>$$",
    "bytes": bytes(range(128, 256)) * 20,
    "many": b"$$x = 1$$\n\n" * 5000,
    "open": b"$$x = 1",
    "control": b"$$\\mathrm d f_{t,b,j} = \x1b[2J$$",
    "definitions": b"".join(b"$$u^{%d} = u^{%d} u^{%d}$$\n\n" % (i + 1, i, i) for i in range(30)),
}
for name, content in hostile.items():
    answer.write_bytes(content)
    done = run("scalar-1", answer)
    check(
        done.returncode in (1, 2) and (done.stdout + done.stderr).strip() and b"\x1b" not in done.stdout + done.stderr,
        f'the answer "{name}" ends in a sentence',
        done,
    )
for name, content in {
    "empty": b"",
    "nul": b"a\0b",
    "open": b"```exercise a\nlevel 1\n",
    "level": b"```exercise a\nlevel 9\n```\n",
    "id": b"```exercise A B\nfind x\n```\n",
    "find": b"```exercise a\nlevel 1\n```\n",
    "solution": b"```solution a\nright x\n```\n",
    "mistake": b"```exercise a\nfind x\n```\n```solution a\nwrong so: x\n```\n",
}.items():
    answer.write_bytes(content)
    done = run("--check", answer)
    check(
        done.returncode == 2 and b"line" in done.stderr or name == "empty" and done.returncode == 2,
        f'the sheet "{name}"',
        done,
    )

# A teacher's sheet, and a class.
sheet = work / "sheet.md"
sheet.write_text(
    "# A & <b>sheet</b>\n\n"
    "<!-- eddy\nsizes B T I H\ngiven x_t in R^I\nlibrary lstm: f i \\tilde C o C h\nloss L reads h_t\n"
    "\\mathrm d X means \\partial L / \\partial X\n-->\n\n## One\n\nWhat?\n\n```exercise one\nfind \\mathrm d f_t\n"
    "in terms of \\mathrm d C_t\n```\n\n"
    "```solution one\nright \\mathrm d C_t \\odot C_{t-1}\nwrong sign: -\\mathrm d C_t \\odot C_{t-1}\n```\n\n"
    "## Two\n\nWhat?\n\n```exercise two\nfind \\mathrm d i_t\n```\n\n"
    "```solution two\nright \\mathrm d C_t \\odot \\tilde C_t\n```\n"
)
check(run("--check", sheet).returncode == 0, "a sound sheet", run("--check", sheet))
for old, new in (
    ("right \\mathrm d C_t \\odot C_{t-1}", "right \\mathrm d C_t \\odot C_t"),
    ("wrong sign: -", "wrong sign: "),
    ("wrong sign", "wrong step"),
):
    answer.write_text(sheet.read_text().replace(old, new))
    check(run("--check", answer).returncode == 1, f"not sound with {new}")
check(
    run("--sheet", sheet, "two", "-a", r"\tilde C_t \odot \mathrm d C_t").returncode == 0, "an exercise of that sheet"
)
folder = work / "answers"
folder.mkdir()
(folder / "ada.md").write_text(
    "# one\n\n$$\\mathrm d f_t = \\mathrm d C_t \\odot C_{t-1}$$\n\n"
    "# two\n\n$$\\mathrm d i_t = \\mathrm d C_t \\odot \\tilde C_t$$\n"
)
(folder / "bob <i>.md").write_text("## Exercise one:\n\n$$\\mathrm d f_t = -\\mathrm d C_t \\odot C_{t-1}$$\n")
(folder / "=cmd.md").write_bytes(b"# two\n\n$$\xff\x00$$\n")
done = run("--mark", folder, sheet, "--csv", work / "marks.csv", "--html", work / "marks.html")
check(done.returncode == 0 and not done.stdout, "a folder is marked", done)
rows = {(r["student"], r["exercise"]): r for r in csv.DictReader((work / "marks.csv").open(encoding="utf-8"))}
check(rows[("ada", "one")]["mark"] == rows[("ada", "two")]["mark"] == "right", "both of ada's are right")
check(rows[("bob <i>", "one")]["mark"] == "wrong" and rows[("bob <i>", "one")]["mistake"] == "sign", "bob's sign")
check(
    rows[("bob <i>", "two")]["mark"] == "missing" and rows[("'=cmd", "two")]["mark"] == "not-read",
    "missing and unreadable",
)
page = (work / "marks.html").read_text(encoding="utf-8")
check("the left side is" in page and "the right side" in page, "bob's counterexample stands on the page")
crowd = work / "crowd"
crowd.mkdir()
for i in range(10_000):
    (crowd / f"{i}.md").write_bytes(b"")
done = run("--mark", crowd, sheet, "--csv", work / "crowd.csv")
check(
    done.returncode == 2 and b"more than 2000 documents" in done.stderr,
    "a folder of 10000 files is refused with a sentence",
    done,
)
(folder / "sheet.md").write_text(sheet.read_text())
(folder / "loop.md").symlink_to(folder / "loop.md")
done = run("--mark", folder, sheet, "--csv", work / "again.csv")
check(
    done.returncode == 0 and '"loop",one,not-read' in (work / "again.csv").read_text(),
    "a link to itself, and the sheet among the answers",
    done,
)
check(
    "<script" not in page and "bob <i>" not in page and "bob &lt;i&gt;" in page and "&lt;b&gt;sheet" in page,
    "the page is escaped",
)
for words in (
    ["nothing"],
    ["scalar-1", "a", "b"],
    ["scalar-1", "/nowhere"],
    ["--mark", "/nowhere", sheet],
    ["--csv", "x"],
    ["--hint", "4"],
    ["--check", "--mark", folder, sheet],
    ["--lang", "fr"],
    ["--mark", folder],
):
    done = run(*words)
    check(done.returncode == 2 and done.stderr.startswith(b"eddy"), f"wrong usage: {words}", done)
print(f"{100 * (checks - failures) // checks}%: Checks: {checks}, Failures: {failures}, Errors: 0")
sys.exit(failures > 0)
