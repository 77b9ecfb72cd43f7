#!/usr/bin/env python3
"""Drives eddy check as a user does: cli_check.py EDDY [NAME...], in the manner of cli.py. What verdicts formulas get is
tested elsewhere; here is the command line."""
import json
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import cli
from cli import check, run
from cli_explain import Page

SETUP = "<!-- eddy\nloss L reads h_t\n-->\n"
CELL = r"$$h_t = \tanh(W h_{t-1} + V x_t) \tag{cell}$$" "\n"
RIGHT = r"$$\frac{\partial h_t}{\partial h_{t-1}} = \operatorname{diag}(1 - h_t^2) W \tag{step}$$" "\n"
LAST = r"$$\frac{\partial L}{\partial h_t} = \hat g_t \tag{last}$$" "\n"
WRONG = r"$$\frac{\partial h_t}{\partial x_t} = \operatorname{diag}(1 - h_t)V \tag{wrong}$$" "\n"
UNREAD = r"$$\text{LSTM}(x_t) = h_t \tag{unread}$$" "\n"
DIRECT = SETUP.replace("h_t\n", r"h_t direct \hat g_t" + "\n")
ROW = re.compile(
    r"^([ !]) (\S+) +(DEFINES|DECLARES|HOLDS IF|HOLDS|FAILS|DEGENERATE|UNRESOLVED|NOT READ) +(-|\d\S*)(?:  (.*))?$",
    re.M,
)


def write(name, *parts):
    Path(name).write_text("".join(parts), encoding="utf-8")
    return name


def given(text, *arguments, status=0, says=()):
    """Runs eddy check with a document on standard input."""
    done = subprocess.run(
        [cli.EDDY, "check", *arguments, "-"],
        input=text if isinstance(text, bytes) else text.encode(),
        capture_output=True,
        timeout=120,
    )
    out = (done.stdout + done.stderr).decode("utf-8", "replace")
    check(
        done.returncode == status, f"eddy check - < {text[:80]!r}: status {done.returncode}, {status} expected\n{out}"
    )
    for pattern in [says] if isinstance(says, str) else says:
        check(re.search(pattern, out), f"eddy check - < {text[:80]!r}: {pattern!r} expected\n{out}")
    return done.stdout.decode("utf-8", "replace")


def test_usage():
    asked = run("check", "--help", says=["Usage: eddy check", "--json", "--html", "--setup", "Exit status"])
    check(asked == run("help", "check"), "eddy help check and eddy check --help differ")
    run("check", status=2, says="Usage: eddy check", silent_out=True)
    run("chekc", status=2, says='Did you mean "check"')
    write("a.md", CELL)
    run("check", "--jsn", "a.md", status=2, says="Did you mean --json", silent_out=True)
    run("check", "-z", "a.md", status=2, says="no option -z")
    run("check", "a.md", "--json=yes", status=2, says="--json takes no argument")
    for value in "-1", "abc", "", "nan", "1e99":
        run("check", "a.md", "--seconds", value, status=2, says=f'--seconds takes a number .*not "{value}"')
    for option in "--html", "--json":
        run(
            "check",
            "a.md",
            "a.md",
            option,
            *(["x.html"] if option == "--html" else []),
            status=2,
            says="one document at a time",
        )
    check(os.listdir() == ["a.md"], f"refused command lines wrote nothing: {os.listdir()}")


def test_status():
    good = write("good.md", SETUP, CELL, RIGHT)
    out = run(
        "check",
        good,
        says=["step +HOLDS", "2 formulas: 1 holds, 1 defines a quantity", "Everything is as it should be"],
    )
    check([row[1:3] for row in ROW.findall(out)] == [("cell", "DEFINES"), ("step", "HOLDS")], "a row for each formula")
    run(
        "check",
        write("wrong.md", SETUP, CELL, RIGHT, WRONG),
        status=1,
        says=[r"! wrong +FAILS", "wrong, line 6: FAILS", "the left side is", r"1 is not as it should be: wrong"],
    )
    run("check", write("last.md", DIRECT, CELL, LAST), status=1, says=["last +HOLDS IF", "holds if t = T"])
    run("check", write("unread.md", CELL, UNREAD), status=1, says=["unread +NOT READ", "LSTM"])
    run("check", write("empty.md", ""), says="no formulas")
    run("check", write("prose.md", "No formula costs $5 or `$x = 1$`.\n\n```\n$$a = b$$\n```\n"), says="no formulas")
    run("check", write("setup.md", "<!-- eddy\ngiben x_t in R^I\n-->\n", CELL), status=1, says='did you mean "given"')


def test_expectations():
    for annotation, formula, good in [
        ("expect fails", WRONG, True),
        ("expect holds", WRONG, False),
        ("expect holds if t = T", LAST, True),
        ("expect holds if t = 1", LAST, False),
        ("expect holds if", LAST, True),
        ("expect fails", LAST, False),
        ("expect not read", UNREAD, True),
        ("expect not read", RIGHT, False),
        ("expect holds", RIGHT, True),
        ("expect fails", RIGHT, False),
        ("expect flies", RIGHT, False),
    ]:
        write("e.md", DIRECT, CELL, "\n", f"<!-- {annotation} -->\n", formula)
        run("check", "e.md", status=0 if good else 1, says="as expected" if good else "is not as it should be")
    run("check", write("e.md", CELL, "<!-- expect wrong: fails -->\n\n\n\n", WRONG), says="as expected")
    run(
        "check",
        write("e.md", CELL, "\n\n\n<!-- expect fails -->\n\n\n\nText.\n"),
        status=2,
        says="e.md: line 5: there is no formula",
    )


def test_bad_files():
    run("check", "nowhere.md", status=2, says="nowhere.md cannot be read: No such file", silent_out=True)
    run("check", ".", status=2, says="is a folder", silent_out=True)
    run("check", "", status=2, silent_out=True)
    for bytes_, says in [
        (b"$$a = \xff$$", "UTF-8"),
        (b"text $$ a = b\n", "not closed"),
        (b"```\n$$a = b$$\n", "not closed|```"),
        (b"<!-- eddy\nsizes B T\n", "not closed|<!--"),
        (b"\xfe\xff\x00a", "UTF-8"),
    ]:
        Path("bad.md").write_bytes(bytes_)
        run("check", "bad.md", status=2, says=["bad.md", says], silent_out=True)
    Path("nul.md").write_bytes(CELL.encode() + b"\0" * 5)
    done = subprocess.run([cli.EDDY, "check", "nul.md"], capture_output=True, timeout=60)
    check(done.returncode in (0, 1, 2), "bytes 0 do no harm")
    for hostile in (
        "$$" + "{" * 5000 + "$$",
        "$$" + r"\frac" * 3000 + "$$",
        "$$" + "a" * 30000 + "=b$$",
        "$$x_{" * 50 + "$$",
        "$" * 999,
        r"$$\sum_{t=1}^{999999999} \sum_{s=1}^{999999999} h_t = 1$$",
        "<!-- eddy\nsizes B=1000 T=1000 H=1000 I=1000\n-->\n" + CELL + RIGHT,
    ):
        done = subprocess.run(
            [cli.EDDY, "check", "-", "--seconds", "20"], input=hostile.encode(), capture_output=True, timeout=120
        )
        check(done.returncode in (1, 2), f"{hostile[:40]}: status {done.returncode}")
    if os.path.exists("/dev/full"):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [cli.EDDY, "check", write("good.md", CELL, RIGHT)], stdout=full, stderr=subprocess.PIPE, timeout=60
            )
        check(done.returncode == 1 and done.stderr, f"a full disk is noticed (status {done.returncode})")


def test_several():
    good, wrong = write("good.md", CELL, RIGHT), write("wrong.md", CELL, WRONG)
    out = run("check", good, wrong, good, status=1, says=["good.md: 2 formulas", "wrong.md: 2 formulas"])
    check(
        [line for line in out.splitlines() if re.fullmatch(r"\w+\.md", line)] == ["good.md", "wrong.md", "good.md"],
        "each document has its name above it",
    )
    run("check", good, good)
    run("check", good, "nowhere.md", wrong, status=2, says=["good.md: 2", "nowhere.md cannot be read", "wrong.md: 2"])


def test_stdin():
    given(CELL + RIGHT, says=["step +HOLDS", "-: 2 formulas"])
    given(CELL + WRONG, status=1, says="wrong +FAILS")
    given(b"$$a = \xff$$", status=2, says="UTF-8")
    given("", says="no formulas")
    check(json.loads(given(CELL + RIGHT, "--json"))["document"] == "-", "JSON from standard input")


def test_setup():
    plain = write("plain.md", RIGHT)
    setup = write("cell.eddy", "h_t = \\tanh(W h_{t-1} + V x_t) # the cell\nloss L reads h_t\n")
    run("check", plain, "--setup", setup, says="step +HOLDS")
    run(
        "check",
        plain,
        "--setup",
        write("other.eddy", "h_t = \\tanh(2 W h_{t-1} + V x_t)\n"),
        status=1,
        says="step +FAILS",
    )
    run("check", plain, "--setup", "nowhere", status=2, says="nowhere cannot be read", silent_out=True)
    run(
        "check",
        plain,
        "--setup",
        write("bad.eddy", "sizes B T\nlibary lstm\n"),
        status=2,
        silent_out=True,
        says='line 2: "libary" is no statement; did you mean "library"',
    )
    tex = write(
        "plain.tex",
        "\\documentclass{article}\n% eddy: loss L reads h_t\n\\begin{document}\n"
        "\\begin{align}\nh_t &= \\tanh(a_t) \\tag{1} \\\\\n a_t &= W h_{t-1} \\\\\n &\\quad + V x_t\n"
        "\\end{align}\n"
        "\\[ \\frac{\\partial L}{\\partial V} = \\sum_t \\frac{\\partial L}{\\partial a_t} x_t^\\top \\]\n"
        "\\end{document}\n",
    )
    run("check", tex, says=["3 formulas: 1 holds, 2 define"])


def test_scenes_beside():
    """A setup beside the document has scenes for places in it, by heading and by tag."""
    Path("two.md").write_text(
        "# One\n\n$$ h = \\tanh(W x) \\tag{a} $$\n\n"
        "$$ \\frac{\\partial L}{\\partial x} "
        "= W^\\top (\\frac{\\partial L}{\\partial h} \\odot (1 - h^2)) \\tag{b} $$\n\n"
        "# Two: again\n\n$$ h = \\sigma(W x) \\tag{c} $$\n\n"
        "$$ \\frac{\\partial L}{\\partial x} "
        "= W^\\top (\\frac{\\partial L}{\\partial h} \\odot h \\odot (1 - h)) \\tag{d} $$\n"
    )
    Path("two.eddy").write_text(
        "sizes H\nscene 1 at a\nloss L reads h\ngiven x in R^H\n"
        "scene 2 at Two: again   # anew\nloss L reads h\ngiven x in R^H\n"
    )
    found = json.loads(run("check", "two.md", "--setup", "two.eddy", "--json"))["findings"]
    check([f["verdict"] for f in found] == ["DEFINES", "HOLDS", "DEFINES", "HOLDS"], f"two scenes: {found}")
    Path("two.eddy").write_text("scene 1 at nowhere\nloss L reads h\n")
    run("check", "two.md", "--setup", "two.eddy", status=1, says='no heading and no tag is called "nowhere"')
    Path("nabla.md").write_text("$$ h = W x $$\n\n$$ \\nabla x = W^\\top \\nabla h \\tag{n} $$\n")
    Path("nabla.eddy").write_text("loss L reads h\n\\nabla X means \\partial L / \\partial X\n")
    run("check", "nabla.md", "--setup", "nabla.eddy", says="1 holds")


def test_suggest():
    """A document without a setup, the setup that is proposed for it, and what it says then."""
    forward = [f"$${g}_t = \\sigma(W_{g} h_{{t-1}} + U_{g} x_t + b_{g})$$\n" for g in "fio"]
    forward += [
        "$$\\tilde c_t = \\tanh(W_c h_{t-1} + U_c x_t + b_c)$$\n",
        "$$c_t = f_t \\odot c_{t-1} + i_t \\odot \\tilde c_t$$\n",
    ]
    claims = [
        "$$h_t = o_t \\odot \\tanh(c_t)$$\n",
        "$$df_t = dc_t \\odot c_{t-1} \\tag{df}$$\n",
        "$$db_f = \\sum_t df_t \\odot f_t \\odot (1 - f_t) \\tag{db}$$\n",
        "$$dW_f = \\sum_t (df_t \\odot f_t \\odot (1 - f_t)) h_t^\\top \\tag{late}$$\n",
    ]
    write("bare.md", *forward, *claims)
    said = run("check", "--suggest", "bare.md")
    check(all("#" in line for line in said.splitlines()), "every proposed line has its reason")
    for line in ["given x_t", "loss L reads h_t", "dX means"]:
        check(any(one.startswith(line) for one in said.splitlines()), f"--suggest proposes: {line}")
    write("bare.eddy", said)
    run(
        "check",
        "bare.md",
        "--setup",
        "bare.eddy",
        status=1,
        says=["9 formulas: 2 hold, 6 define a quantity, 1 not read", "which is suggested", "h_t should be h_{t-1}"],
    )
    write("edited.eddy", "\n".join(line for line in said.splitlines() if not line.startswith("suggested")) + "\n")
    run(
        "check",
        "bare.md",
        "--setup",
        "edited.eddy",
        status=1,
        says=["9 formulas: 2 hold, 1 fails, 6 define", "h_t should be h_{t-1}"],
    )
    plain = run("check", "bare.md")
    check("h_t should be" not in plain, "without it less is found")
    write(
        "n.md",
        "# Forward\n$$x(n+1) = \\tanh(W x(n) + V u(n+1)), \\quad n = 0, \\ldots, N-1$$\n",
        "# Backward\n$$\\frac{\\partial x(n+1)}{\\partial x(n)} = \\operatorname{diag}(1 - x(n+1)^2) W \\tag{J}$$\n",
    )
    said = run("check", "--suggest", "n.md")
    check("time n = 0, ..., N" in said, "the letter of the steps is proposed")
    check("\ngiven u_n " in said, "and its lines speak of that letter")
    write("n.eddy", said)
    run("check", "n.md", "--setup", "n.eddy", says="2 formulas: 1 holds, 1 defines")


def test_notebook():
    cells = [
        ("markdown", "<!-- eddy loss L reads h_t -->\n$$h_t = \\tanh(W h_{t-1} + V x_t)$$"),
        ("code", "# $a = b$"),
        ("markdown", "$$\\frac{\\partial h_t}{\\partial h_{t-1}} = \\operatorname{diag}(1 - h_t^2) W \\tag{\u00e9}$$"),
    ]
    book = {
        "cells": [
            {"cell_type": kind, "metadata": {"n": [1, {}]}, "source": [line + "\n" for line in text.split("\n")]}
            for kind, text in cells
        ]
    }
    for indent in (1, None):
        write("lesson.ipynb", json.dumps(book, indent=indent))
        run("check", "lesson.ipynb", says=["2 formulas: 1 holds, 1 defines", "\u00e9"])
    write("lesson.ipynb", '{"cells": [{"cell_type": "mark')
    run("check", "lesson.ipynb", status=2, says=["this is no notebook"])


def test_verbose():
    write("v.md", DIRECT, CELL, RIGHT, WRONG, LAST)
    out, more, most = (run("check", "v.md", *option, status=1) for option in ([], ["-v"], ["-V"]))
    check("step, line" not in out and "step, line 5: HOLDS" in more, "-v shows what holds, too")
    check("numbers compared" in more and "numbers compared" not in out, "-v shows how much was compared")
    check("smallest counterexample" in more and "the left side is" in more, "-v shows the counterexample")
    check("B = 1" in most and re.search(r"took \d", most) and "took" not in more, "-V shows sizes and times")
    check(ROW.findall(out) == ROW.findall(more) == ROW.findall(most), "the table is the same")
    check("\033" not in out + more + most, "no colours without a terminal")
    check(more == run("check", "v.md", "-v", status=1), "the same document gives the same text")


def test_json():
    write(
        "j.md", "# Head\n\n", DIRECT, CELL, RIGHT, WRONG, "\n<!-- expect holds if t = T -->\n", LAST, "Here is $x_t$.\n"
    )
    text = run("check", "j.md", status=1)
    answer = json.loads(run("check", "j.md", "--json", status=1))
    check(answer["schema"] == "eddy-check-1" and answer["document"] == "j.md", "schema and document")
    check(
        [(m[1], m[2]) for m in ROW.findall(text)] == [(f["id"], f["verdict"]) for f in answer["findings"]],
        "the table and JSON have the same verdicts",
    )
    check([m[0] == "!" for m in ROW.findall(text)] == [not f["met"] for f in answer["findings"]], "the same marks")
    check(
        answer["count"] == 4 == len(answer["findings"])
        and answer["unmet"] == 1
        and answer["met"] is False
        and answer["mentions"] == 1,
        "the counts",
    )
    check(
        {v: n for v, n in answer["verdicts"].items() if n} == {"DEFINES": 1, "HOLDS": 1, "HOLDS IF": 1, "FAILS": 1},
        f"{answer['verdicts']}",
    )
    for f, source in zip(answer["findings"], (CELL, RIGHT, WRONG, LAST)):
        check(f["source"] == source.strip("$\n").split(r" \tag")[0], f"the source of {f['id']} is {f['source']}")
        check(f["display"] and f["heading"]["text"] == "Head" and f["formula"]["text"], f"{f['id']}: place")
        if f["verdict"] in ("HOLDS", "FAILS", "HOLDS IF"):
            check(f["compared"] > 20 and math.isfinite(f["error"]), f"{f['id']}: {f['compared']} numbers compared")
    cell, step, wrong, last = answer["findings"]
    check(step["error"] < 1e-12 < 1e-6 < wrong["error"], "errors")
    example = wrong["counterexample"]
    check(
        example and example["left_value"] != example["right_value"] and example["left"]["value"] is not None,
        "the counterexample",
    )
    check(
        "t = T" in [c["text"] for c in last["conditions"]]
        and last["expected"]["text"] == "holds if t = T"
        and last["met"],
        f"conditions {last['conditions']}",
    )
    check(json.loads(run("check", write("empty.md", ""), "--json"))["findings"] == [], "no formulas")
    for odd in r'$$h_t = "\u{1}" \tag{a"b\c}$$', '$$\\text{\u2028 <b>} = h_t$$\n# "Head\\"\n':
        check(json.loads(given(odd, "--json", status=1))["unmet"] == 1, "odd characters")


def test_html():
    write(
        "h.md",
        "# A & B <i>\n\n",
        DIRECT,
        CELL,
        RIGHT,
        WRONG,
        LAST,
        UNREAD,
        "$$\\text{<script>alert(1)</script>} = h_t \\tag{<img src=x>}$$\n",
    )
    text = run("check", "h.md", "--html", "h.html", status=1)
    both = json.loads(run("check", "h.md", "--html", "both.html", "--json", status=1))
    page = Path("h.html").read_text(encoding="utf-8")
    for f in both["findings"]:
        check(f["verdict"] in page, f"{f['id']}: {f['verdict']} on the page")
    check(
        [(m[1], m[2]) for m in ROW.findall(text)][:4] == [(f["id"], f["verdict"]) for f in both["findings"]][:4],
        "--html leaves the text as it is",
    )

    class Inside(Page):  # links within the page are welcome
        def handle_starttag(self, tag, attributes):
            super().handle_starttag(tag, [(n, v) for n, v in attributes if not (n == "href" and v.startswith("#"))])

    reader = Inside()
    reader.feed(page)
    check(not reader.open, f"unclosed {reader.open}")
    check(
        "script" not in reader.tags and "img" not in reader.tags and "link" not in reader.tags,
        f"no scripts, nothing fetched: {reader.tags}",
    )
    check("http:" not in page and "https:" not in page, "no network")
    check(reader.tags.get("math", 0) > 5 and reader.tags.get("table", 0) >= 1, f"formulas and tables {reader.tags}")
    check('lang="' in page and "viewport" in page, "a page that can be read on a telephone")
    for piece in page.split("<math")[1:]:
        ElementTree.fromstring("<math" + piece.split("</math>")[0] + "</math>")
    run("check", "h.md", "--html", "no/such/x", status=1, says="no folder no/such/")
    run("check", "h.md", "--html", "/dev/full", status=1, says="/dev/full: cannot be written")
    check(
        not [p for p in os.listdir() if p not in ("h.md", "h.html", "both.html")],
        f"nothing is left behind: {os.listdir()}",
    )
    before = Path("h.md").read_bytes()
    run("check", "h.md", "--html", "h.md", status=2, says="would overwrite")
    check(Path("h.md").read_bytes() == before, "the document was overwritten")
    run(
        "check",
        "good.md",
        "--setup",
        write("s.eddy", "sizes B T H\n"),
        "--html",
        "s.eddy",
        status=2,
        says="would overwrite",
    )


if __name__ == "__main__":
    for name in [name for name in vars(cli) if name.startswith("test_")]:
        delattr(cli, name)
    vars(cli).update({name: test for name, test in globals().items() if name.startswith("test_")})
    sys.exit(cli.main())
