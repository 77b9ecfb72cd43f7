#!/usr/bin/env python3
"""Drives eddy plan, eddy bench and what knows networks by name, as a user does: cli_networks.py EDDY [NAME...], in the
manner of cli.py."""
import json
import re
import sys

import cli
from cli import check, run


def test_networks():
    """One name is one network in every command, and whatever gradcheck checks as a cell can be drawn."""
    cells = [name for name in run("gradcheck", "--list", "rnn", "lstm", "gru").split()]
    check(
        len(cells) >= 14 and "gru-reset-before" in cells and "lstm.peepholes" in cells,
        f"the cells of nn/cells.def: {cells}",
    )
    for name in cells + ["bilstm", "attention"]:
        text = run("graph", name, "--steps", "2")
        check(text.startswith("digraph") and text.count("->") > 10, f"{name} is drawn")
    check(
        "reverse" in run("graph", "bilstm") and "attention" in run("graph", "attention"), "both directions, attention"
    )
    check("reset after" in run("graph", "gru") and "reset after" in run("explain", "gru"), "gru is PyTorch's")
    check(
        run("graph", "gru") == run("graph", "gru-reset-after") != run("graph", "gru-reset-before"), "the earlier name"
    )
    check(
        "reset before" in run("graph", "gru-reset-before") and "reset before" in run("explain", "gru-reset-before"),
        "the other GRU",
    )
    check(run("gradcheck", "--list", "gru.reset_before") == "gru-reset-before\n", "gradcheck's earlier name")
    check("gru-reset-before" in run("gradcheck", "--list", "gru"), "a variant is found by its cell's name")
    run("graph", "grv", status=2, says='no network "grv"; did you mean "gru"')


def test_plan():
    """What a training step is compiled to, and the program after any pass."""
    text = run(
        "plan", "lstm", "--steps", "3", says=["early_sums", "places", r"\d+ nodes recorded", r"\d+ calls in a run"]
    )
    rows = re.findall(r"^  (\w+) +(\d+) +([0-9.]+)  \S", text, flags=re.M)
    passes = [row[0] for row in rows]
    recorded = re.search(r"^  recorded +(\d+)", text, flags=re.M)
    check(int(recorded[1]) > int(rows[-1][1]) > 0, "what the passes leave is less than what was recorded")
    sizes = ["--steps", "20", "--batch", "200", "--hidden", "128"]  # large enough for recompute
    dumps = [run("plan", "lstm", *sizes, "--dump", name) for name in ["recorded", *passes]]
    changed = [name for name, before, after in zip(passes, dumps, dumps[1:]) if before != after]
    check(passes == sorted({*changed, "early_sums"}, key=passes.index), "every pass but one has something to do")
    check(all("calls" in dump and "results" in dump for dump in dumps), "a dump has calls and results")
    plan = json.loads(run("plan", "gru", "--json"))
    check([p["name"] for p in plan["passes"]] == passes and 0 < plan["calls"] < plan["nodes"], "the JSON says the same")
    check(plan["passes"][-1]["calls"] == plan["calls"], "the last pass leaves what is run")
    off = json.loads(run("plan", "gru", "--json", env={"EDDY_PASSES": "-places"}))
    check(off["bytes"] > plan["bytes"], "memory without the pass that shares it")
    check([p["name"] for p in off["passes"] if not p["on"]] == ["places"], "a pass that is off is told so")
    timed = run("plan", "lstm", "--steps", "3", "--time", says=[r"% +[0-9.]+  product", "GFLOP/s"])
    check("nan" not in timed, "times of groups")
    run("plan", "lstn", status=2, says='did you mean "lstm"')
    run("plan", "lstm.layer_nrm", status=2, says='did you mean "lstm.layer_norm"')
    run("plan", "nothere.safetensors", status=2, says="nothere.safetensors: cannot be opened")
    run("plan", "lstm", "--dump", "views2", status=2, says='no pass "views2"')
    run("plan", "lstm", status=1, says="EDDY_PASSES holds", env={"EDDY_PASSES": "views"})


def test_bench():
    """Rows of numbers for programs, of training and of other parts."""
    row = json.loads(run("bench", "rnn", "small", "--json", "--seconds", "0.01", "--threads", "2"))
    check(row["threads"] == 2 and 0 < row["gflops"] and row["size"] == "small" and row["bytes"] > 0, "a row of bench")
    run("bench", "rnn", "small", "--seconds", "0.01", "--of", "inference", says=["of peak", "rnn +small"])
    first, second = (
        json.loads(run("bench", "lstm", "small", "--json", "--seconds", "0.01", "--steps", "3", "--of", of))
        for of in ("gradients", "hessian")
    )
    check(
        first["steps"] == 3
        and first["nodes"] < second["nodes"]
        and second["product_operations"] > first["product_operations"],
        "differentiating twice is more work",
    )
    rows = [
        json.loads(line)
        for line in run("bench", "cells", "small", "--json", "--seconds", "0.001", "--steps", "2").splitlines()
    ]
    check(
        {"mgu", "slstm", "indrnn", "sru", "lstm", "bilstm", "lstm.layer_norm"} < {row["network"] for row in rows},
        "ten cells",
    )
    check(all(row["product_s"] > 0 and row["elementwise_s"] > 0 for row in rows), "products and all else apart")
    rows = [
        json.loads(line) for line in run("bench", "functions", "stream", "--json", "--seconds", "0.01").splitlines()
    ]
    check(
        len(rows) == 13 and all(value > 0 for row in rows for value in row.values() if isinstance(value, (int, float))),
        "parts",
    )
    run("bench", "gruu", status=2, says='did you mean "gru"')


if __name__ == "__main__":
    for name in [name for name in vars(cli) if name.startswith("test_")]:
        delattr(cli, name)
    vars(cli).update({name: test for name, test in globals().items() if name.startswith("test_")})
    sys.exit(cli.main())
