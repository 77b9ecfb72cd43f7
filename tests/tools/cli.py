#!/usr/bin/env python3
"""Drives the program eddy as a user does: cli.py EDDY [NAME...]

Every mistake must give its sentence and its exit status, write nothing and crash never; a short training run must leave
what it promises. Each function test_... is a number of checks; the last line printed is a summary like Check's.
"""
import csv
import json
import math
import os
import re
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

EDDY = str(Path(sys.argv[1]).resolve())
SMALL = ["train", "forecast", "--epochs", "3", "--hidden", "4", "--window", "5", "--no-plot", "--quiet"]
RESULTS = ["log.csv", "model.last.safetensors", "model.safetensors", "predictions.csv"]
checks = failures = 0


def check(true, what):
    global checks, failures
    checks += 1
    if not true:
        failures += 1
        print(f"FAILED: {what}")
    return true


def run(*arguments, status=0, says=(), silent_out=False, env=None, cwd=None):
    """Runs eddy; the exit status must be `status`, and every pattern of `says` must be in what it prints. Returns its
    standard output."""
    done = subprocess.run(
        [EDDY, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **env} if env else None,
        cwd=cwd,
    )
    line = " ".join(["eddy", *map(str, arguments)])
    told = f"{line}: status {done.returncode}\n{done.stdout}{done.stderr}"
    check(done.returncode == status, f"{told}(status {status} expected)")
    for pattern in [says] if isinstance(says, str) else says:
        check(re.search(pattern, done.stdout + done.stderr), f"{told}({pattern!r} expected)")
    if status == 2 and says:
        check(done.stderr.startswith("eddy"), f"{told}(a sentence on stderr expected)")
        check(done.stderr.count("\n") <= 8, f"{told}(one sentence expected)")
    if silent_out:
        check(not done.stdout, f"{told}(nothing expected on stdout)")
    return done.stdout


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def timeless(path):
    """A log without the column of the clock."""
    return [line.rsplit(",", 1)[0] for line in Path(path).read_text().splitlines()]


def safetensors(path, tensors, metadata=None):
    header, body = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, shape in tensors.items():
        count = math.prod(shape)
        values = struct.pack(f"<{count}f", *(0.1 * math.sin(i) for i in range(count)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + len(values)]}
        body += values
    text = json.dumps(header).encode()
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


def weights(hidden):
    return {
        "lstm.weight_ih_l0": [4 * hidden, 1],
        "lstm.weight_hh_l0": [4 * hidden, hidden],
        "lstm.bias_ih_l0": [4 * hidden],
        "lstm.bias_hh_l0": [4 * hidden],
        "fc.weight": [1, hidden],
        "fc.bias": [1],
    }


def series_file(name="series.csv", count=60):
    Path(name).write_text("day,value\n" + "".join(f"d{k},{300 + 20 * math.sin(0.3 * k):.17g}\n" for k in range(count)))
    return name


def test_usage():
    run(status=2, silent_out=True)
    run("--help", says=["Usage: eddy COMMAND", "gradcheck", "forecast", "graph", "Exit status"])
    run("help", says="Usage: eddy COMMAND")
    run("--version", says=r"^eddy \d+\.\d+")
    for command in "train", "forecast", "gradcheck", "graph":
        asked = run(command, "--help", says=[f"Usage: eddy {command}", "--help"])
        check(asked == run("help", command), f"eddy help {command} and eddy {command} --help differ")
    run("trian", status=2, says='there is no command "trian". Did you mean "train"')
    run("gradchek", status=2, says='Did you mean "gradcheck"')
    run("zzzzzz", status=2, says='there is no command "zzzzzz"')
    run("help", "trian", status=2, says='Did you mean "train"')
    run("--epochs", status=2, says="command comes first")


def test_options():
    train = ["train", "forecast"]
    run("train", status=2, says="a task is needed")
    run("train", "forcast", status=2, says='no task "forcast". Did you mean "forecast"')
    run(*train, "more", status=2, says='"more" is one too many')
    run(*train, "--epoch-s", "3", status=2, says="no option --epoch-s. Did you mean --epochs")
    run(*train, "--hiden=3", status=2, says="Did you mean --hidden")
    run(*train, "--xyzzy", status=2, says="no option --xyzzy")
    run(*train, "-z", status=2, says="no option -z")
    run(*train, "--quiet=yes", status=2, says="--quiet takes no argument")
    run(*train, "--epochs", status=2, says="--epochs needs an argument")
    for option in "--window", "--hidden", "--epochs":
        for value in "0", "-1", "abc", "", "3.5", "1e3", "99999999999999999999999", "0x10", "nan":
            run(*train, option, value, status=2, says=rf'{option} takes a whole number from 1 to \d+, not "{value}"')
    for option, allowed in ("--lr", r"above 0 and at most \S+"), ("--clip", r"from 0 to \S+"):
        for value in ("0",) * (option == "--lr") + ("-1", "abc", "", "nan", "inf", "1e400", "0x1p3", "1.2.3"):
            run(*train, option, value, status=2, says=rf'{option} takes a number {allowed}, not "{value}"')
    for value in "0.9,0.1", "0", "1", "0.1,,0.9", "x", "0.1,0.1", ",":
        run(*train, "--quantiles", value, status=2, says=f'--quantiles takes .*not "{value}"')
    run(*train, "--split", "0.5", "--test", "5", status=2, says="say the same")
    run(*train, "--test", "980", status=2, says="leaves no window to train on")
    run(*train, "--calendar", status=2, says="--calendar needs a column of dates")
    for value in "-1", "abc", "", "1.5", "18446744073709551616":
        run(*train, "--seed", value, status=2, says=f'--seed takes .*, not "{value}"')
    run(*train, "--dtype", "f16", status=2, says='--dtype takes one of f32|f64, not "f16"')
    for value in "0", "-3", "abc", "0.0", "1.0", "1.5", "-0.5", "nan":
        run(*train, "--split", value, status=2, says=f'--split takes .*not "{value}"')
    run(*train, "--split", "980", status=2, says="leaves no window to test")
    run(*train, "--split", "0.0001", status=2, says="leaves no window to train on")
    run(*train, "--window", "1000", status=2, says="too few for a window of 1000")
    run(*train, "--window", "999", status=2, says="too short")
    run(*train, "--column", "2", status=2, says="--column .* needs --data")
    run(*train, "--data", "", status=2, says="--data takes a text that is not empty")
    run("forecast", status=2, says="Usage: eddy forecast MODEL")
    for value in "0", "-1", "abc", "1e400":
        run("forecast", "m", "--steps", value, status=2, says=f'--steps takes a whole number .*not "{value}"')
    check(not os.path.exists("forecast"), "a refused command line made the folder forecast")


def test_data():
    def refuse(text, *says, column=None, name="bad.csv"):
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        run(*SMALL, "--data", name, *(["--column", column] if column else []), status=2, says=[name, *says])

    run(*SMALL, "--data", "nowhere.csv", status=2, says="nowhere.csv: cannot be read: No such file")
    run(*SMALL, "--data", ".", status=2, says="directory")
    refuse("", "is empty")
    refuse("1\n2\nthree\n4\n", 'line 3, column 1: "three" is not a number')
    refuse("1\n2\n\n4\n", "line 3, column 1: a gap")
    refuse("a,b\n1,2\n3\n", "line 3 has 1 field, but line 1 has 2", column="b")
    refuse("a,b\n1,2\n", "2 columns \\(a, b\\): choose one with --column")
    refuse("a,b\n1,2\n", 'no column "c"', column="c")
    refuse("1\n2\n3\n", "3 values, too few for a window of 5")
    refuse("value\n", "0 values, too few")
    ramp = "".join(f"{k},{k * k % 7},5\n" for k in range(40))
    refuse("a,b,c\n" + ramp, 'constant in column "c"', column="a,c")
    refuse("a,b,c\n" + ramp, "Column 1 .* chosen twice", column="a,a")
    refuse("d,v\n2020-01-01,1\n2020-01-03,2\n2020-01-02,3\n", "line 4: the date 2020-01-02 is before line 3's")
    refuse("d,v\n2020-01-01,1\n2020-01-01,2\n2020-01-02,3\n", "line 3: the date 2020-01-01 is also line 2's")
    refuse(b"1\n\0\n", "is not text")
    refuse(b"\x93NUMPY\x01\x00", name="bad.npy")
    refuse(b"", name="bad.npy")
    refuse(b"\x93NUMPY\x01\x00\xff\xff" + b"{" * 50, name="bad.npy")
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 8), }"
    refuse(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header, name="bad.npy")
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (30,), }\n"
    refuse(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"12345678", name="bad.npy")
    check(not os.path.exists("forecast"), "refused data made the folder forecast")


def test_init():
    def refuse(*says, path="init.safetensors"):
        run(*SMALL, "--init", path, status=2, says=[path, *says])

    refuse("No such file", path="nowhere.safetensors")
    right = weights(4)
    wrong = {name: shape for name, shape in right.items() if name != "fc.bias"}
    wrong["fc.bais"] = [1]
    wrong["lstm.weight_hh_l0"] = [12, 4]
    safetensors("init.safetensors", wrong)
    refuse(r"fc\.bias", r"fc\.bais", r"lstm\.weight_hh_l0", r"\(12, 4\)", r"\(16, 4\)", "missing", "unexpected")
    safetensors("init.safetensors", weights(8))
    refuse(r"\(32, 8\)", r"\(16, 4\)")
    good = Path("init.safetensors").read_bytes()
    for bad in (
        b"",
        good[:7],
        good[:100],
        good[:-1],
        good + b"\0",
        struct.pack("<Q", 1 << 62) + good[8:],
        struct.pack("<Q", 0) + good[8:],
    ):
        Path("init.safetensors").write_bytes(bad)
        refuse()
    text = json.dumps({"fc.bias": {"dtype": "F32", "shape": [1 << 40, 1 << 40], "data_offsets": [0, 4]}}).encode()
    Path("init.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"1234")
    refuse()
    check(not os.path.exists("forecast"), "refused weights made the folder forecast")


def test_face():
    """Help with examples, the version, -o and "-" are the same in every command."""
    run("--help", says=["--version", "Examples:", "-o FILE"])
    commands = "train forecast", "forecast", "gradcheck", "graph", "check", "explain", "plan", "bench", "bench-tasks"
    for command in commands:
        text = run(*command.split(), "--help", says=[f"Usage: eddy {command}", "Examples:", "-h, --help"])
        example = text[text.index("Examples:") :]
        check(example.count("eddy " + command) >= 2, f"{command} --help has examples\n{example}")
        for option in re.findall(r" (--[a-z-]+)", example):
            check(option in text[: text.index("Examples:")], f"{command}: the example's {option} is an option")
    run("train", "--help", says=["Usage: eddy train TASK", "forecast", "text", "Examples:"])
    run("help", "train", "text", says="Usage: eddy train text")
    run("train", "txet", status=2, says='no task "txet". Did you mean "text"')
    run("train", "--epochs", "3", status=2, says="the task comes first")
    for command in "train forecast", "forecast", "graph", "check", "explain":
        check("-o, --out FILE" in run(*command.split(), "--help"), f"{command} has -o, --out")
        run(*command.split(), "--out", status=2, says="--out needs an argument")
    dot = run("graph", "rnn")
    check(run("graph", "rnn", "-o", "-") == dot, "graph -o - is standard output")
    for option in "-o", "--out", "--output":
        run("graph", "rnn", option, "rnn.dot", says="rnn.dot written")
        check(Path("rnn.dot").read_text() == dot, f"graph {option}")
    text, page = run("explain", "gru"), run("explain", "gru", "--html", "-")
    run("explain", "gru", "-o", "gru.txt", silent_out=True)
    check(Path("gru.txt").read_text() == text, "explain -o")
    run("explain", "gru", "-o", "gru.html", says="All .* agree")
    check(
        page.startswith("<!DOCTYPE html>") and page == Path("gru.html").read_text(),
        "explain --html - is the page alone",
    )
    check(run("explain", "gru", "--csv", "-").startswith("quantity,step"), "explain --csv -")
    run("explain", "gru", "-o", "gru.json", silent_out=True)
    check(json.loads(Path("gru.json").read_text())["network"] == "gru", "explain -o x.json")
    run("explain", "gru", "--json", "--html", "-", status=2, says="both want the standard output")
    run("explain", "gru", "--csv", "x", "--html", "x", status=2, says="the same file")
    Path("a.md").write_text("$$y = 2 x \\tag{a}$$\n")
    run("check", "a.md", "-o", "a.txt", silent_out=True)
    check(Path("a.txt").read_text() == run("check", "a.md"), "check -o")
    check(run("check", "a.md", "--html", "-").startswith("<!DOCTYPE html>"), "check --html - is the page alone")
    piped = subprocess.run(
        [EDDY, "check", "-", "--html", "-"], input=Path("a.md").read_text(), capture_output=True, text=True, timeout=60
    )
    check(
        piped.returncode == 0 and piped.stdout.startswith("<!DOCTYPE html>"),
        f"check - --html - reads one stream and writes the other: {piped}",
    )
    run("explain", "gru", "--csv", "-", "--html", "-", status=2, says="the same file")
    run("check", "a.md", "-o", "a.json", silent_out=True)
    json.loads(Path("a.json").read_text())
    run("check", "a.md", "-o", "a.md", status=2, says="would overwrite")
    check(not os.path.exists("-"), "no file is named -")
    run(*SMALL, "--data", series_file(), "--column", "value", "-o", "m.safetensors")
    asked = [EDDY, "forecast", "m.safetensors", "--column", "value", "--steps", "3", "--data"]
    piped = subprocess.run(
        asked + ["-"], input=Path("series.csv").read_text(), capture_output=True, text=True, timeout=60
    )
    check(
        piped.returncode == 0
        and piped.stdout == run(*asked[1:], "series.csv") == run(*asked[1:], "series.csv", "-o", "-"),
        f"--data - is standard input: {piped}",
    )


def test_places():
    data = series_file()
    for option in "--out", "--log", "--predictions":
        run(
            *SMALL,
            "--out",
            "o.safetensors",
            option,
            "no/such/folder/x",
            status=2,
            says="no folder no/such/folder/; make it",
        )
        run(*SMALL, "--out", "o.safetensors", option, ".", status=2, says="cannot be written")
    os.mkfifo("pipe")  # what is no regular file is written as it is; a reader takes the model from it
    reader = subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE)
    run(*SMALL, "--out", "pipe", says="train MSE")
    check(b"lstm.weight_hh_l0" in reader.communicate()[0], "the model came through the pipe")
    check(
        sorted(p.name for p in Path("forecast").iterdir()) == ["log.csv", "predictions.csv"],
        "other results do not stand beside a pipe",
    )
    check(stat.S_ISFIFO(os.stat("pipe").st_mode), "the pipe was replaced")
    os.remove("pipe")
    shutil.rmtree("forecast")
    Path("kept").write_text("old")
    os.chmod("kept", 0o444)
    run(*SMALL, "--out", "kept", status=2, says="kept: cannot be written: it is read-only")
    check(Path("kept").read_text() == "old", "a read-only file was replaced")
    os.remove("kept")
    run(*SMALL, "--out", "same", "--log", "same", status=2, says="--out and --log are the same file")
    run(*SMALL, "--log", "no/such/folder/x", status=2, says="no folder no/such/folder/; make it")
    run(*SMALL, "--data", data, "--column", "value", "--log", data, status=2, says="--log would overwrite the data")
    check("d59" in Path(data).read_text(), "the data was overwritten")
    Path("forecast").write_text("in the way")
    run(*SMALL, status=2, says="forecast")
    os.remove("forecast")
    check(not [p for p in Path(".").rglob("*") if p.name != data], f"left behind: {list(Path('.').rglob('*'))}")
    if os.path.exists("/dev/full"):
        run(
            *SMALL,
            "--out",
            "o.safetensors",
            "--log",
            "/dev/full",
            status=1,
            says="/dev/full: cannot be written: No space left",
        )


def test_training():
    out = run(
        *SMALL,
        says=[
            "train MSE",
            r"LSTM\(1->4\), 3 epochs",
            "last value",
            "linear autoregression of 5",
            "noise floor +0.01 +0.01",
        ],
    )
    log, told = rows("forecast/log.csv"), rows("forecast/predictions.csv")
    check([r["epoch"] for r in log] == ["1", "2", "3"], "three epochs in the log")
    check(
        list(log[0]) == ["epoch", "loss", "grad_norm", "step", "validation", "best", "rate", "seconds"],
        "the log's header",
    )
    check(float(log[2]["loss"]) < float(log[0]["loss"]), "the loss falls")
    check(list(told[0]) == ["index", "truth", "prediction", "split"], "the predictions' header")
    check(len(told) == 995 and told[0]["index"] == "5" and told[-1]["index"] == "999", "995 windows of 5")
    check([r["split"] for r in told] == ["train"] * 800 + ["test"] * 195, "800 windows to train")
    for split, shown in zip(("train", "test"), re.search(r"LSTM.*epochs +(\S+) +(\S+)", out).groups()):
        errors = [(float(r["truth"]) - float(r["prediction"])) ** 2 for r in told if r["split"] == split]
        check(
            math.isclose(sum(errors) / len(errors), float(shown), rel_tol=1e-4),
            f"the table's {split} MSE is that of the predictions",
        )
    check(
        sorted(p.name for p in Path("forecast").iterdir()) == RESULTS,
        "nothing else is left",
    )

    first = timeless("forecast/log.csv"), Path("forecast/model.safetensors").read_bytes()
    run(*SMALL, says="train MSE")
    check(
        first == (timeless("forecast/log.csv"), Path("forecast/model.safetensors").read_bytes()),
        "the same seed gives the same bytes",
    )
    run(*SMALL, "--seed", "7", "--out", "other.safetensors")
    check(Path("log.csv").exists() and Path("predictions.csv").exists(), "results stand beside the model")
    check(timeless("log.csv") != first[0], "another seed gives other numbers")

    run(*SMALL, "--init", "forecast/model.safetensors", "--epochs", "1", "--out", "again.safetensors")
    values = [float(r["prediction"]) for r in told if r["split"] == "train"]
    mse = sum((float(r["truth"]) - v) ** 2 for r, v in zip(told, values)) / len(values)
    check(
        math.isclose(float(rows("log.csv")[0]["loss"]), mse, rel_tol=1e-5),
        "training goes on from --init where it stopped",
    )
    run(*SMALL, "--epochs", "2", "--dtype", "f64", "--out", "f64.safetensors")
    check(len(rows("log.csv")[0]["loss"]) > 12, "f64 is logged with all its digits")
    run(*SMALL, "--lr", "1000", "--clip", "1e30", "--epochs", "1", "--out", "x.safetensors", says="train MSE")


def test_files():
    data = series_file()
    few = SMALL + ["--data", data, "--column", "value", "--split", "0.8", "--held-out", "0"]
    run(*few, says=["last value", "The model sees \\(value - 3"])
    told = rows("forecast/predictions.csv")
    check(len(told) == 55 and [r["split"] for r in told].count("train") == 44, "0.8 of 55 windows")
    check(told[0]["truth"] == f"{300 + 20 * math.sin(1.5):.9g}", "values are in their own units")
    run(*few, "--split", "40", "--column", "2", says="train MSE")
    check([r["split"] for r in rows("forecast/predictions.csv")].count("train") == 40, "40 windows")
    check(float(rows("forecast/log.csv")[0]["loss"]) < 10, "values of a file are standardised")
    run(*few, "--scale", "none", "--out", "raw.safetensors", says="train MSE")
    check(float(rows("log.csv")[0]["loss"]) > 10000, "--scale none leaves the values as they are")
    safetensors("torch.safetensors", weights(4))
    run(*few, "--init", "torch.safetensors", "--out", "raw.safetensors", says="train MSE")
    check(float(rows("log.csv")[0]["loss"]) > 10000, "weights without a scale see values as they are")

    run("forecast", "forecast/model.safetensors", status=2, says="name the series to continue with --data")
    text = run("forecast", "forecast/model.safetensors", "--data", data, "--column", "value", "--steps", "7")
    lines = text.splitlines()
    check(
        lines[0] == "index,prediction" and len(lines) == 8 and lines[1].startswith("60,"), "seven steps after the end"
    )
    check(all(200 < float(line.split(",")[1]) < 400 for line in lines[1:]), "forecasts are in the series' units")
    answer = json.loads(
        run("forecast", "forecast/model.safetensors", "--data", data, "--column", "value", "--steps", "7", "--json")
    )
    check(
        [f"{v:.9g}" for v in answer["predictions"]] == [line.split(",")[1] for line in lines[1:]], "JSON says the same"
    )
    check(answer["window"] == 5 and answer["first_index"] == 60, "JSON names window and index")
    run(
        "forecast",
        "forecast/model.safetensors",
        "--data",
        data,
        "--column",
        "value",
        "--steps",
        "7",
        "--out",
        "next.csv",
        silent_out=True,
    )
    check(Path("next.csv").read_text() == text, "--out has what is printed without it")
    # the first step must be what training predicts for the same window
    short = series_file("short.csv", 50)
    step = run(
        "forecast", "forecast/model.safetensors", "--data", short, "--column", "value", "--steps", "1"
    ).splitlines()[1]
    same = [r["prediction"] for r in rows("forecast/predictions.csv") if r["index"] == "50"]
    check(
        math.isclose(float(step.split(",")[1]), float(same[0]), rel_tol=1e-5),
        "one step ahead is the prediction of training",
    )


def test_forecast_mistakes():
    run(*SMALL)
    model = "forecast/model.safetensors"
    run("forecast", model, "--steps", "3", says="1000,")
    Path("short.csv").write_text("1\n2\n")
    run("forecast", model, "--data", "short.csv", status=2, says="windows of 5 values, and the series has only 2")
    run("forecast", model, "--data", "nowhere.csv", status=2, says="nowhere.csv: cannot be read")
    run("forecast", "nowhere.safetensors", status=2, says="nowhere.safetensors")
    run("forecast", "short.csv", status=2, says="short.csv")
    run("forecast", model, "--out", model, status=2, says="would overwrite")
    run("forecast", model, "--out", "no/folder/x.csv", status=2, says="no folder no/folder/")
    safetensors("torch.safetensors", weights(4))
    run("forecast", "torch.safetensors", status=2, says="no model of 'eddy train'.*'eddy train forecast --init' takes")
    claims = {"eddy.model": "forecast", "eddy.window": "5", "eddy.mean": "0", "eddy.scale": "1", "eddy.generated": "42"}
    safetensors("claims.safetensors", weights(4), claims)
    run("forecast", "claims.safetensors", "--steps", "1", says="1000,")
    for key, value, says in (
        ("eddy.window", "0", "damaged: its eddy.window should be a whole number from 1 to 1000000, and is 0"),
        ("eddy.window", "1e99", "eddy.window should be"),
        ("eddy.scale", "-1", "damaged: a scale is not above 0"),
        ("eddy.mean", "nan", "eddy.mean should be 1 number, and is nan"),
        ("eddy.model", "other", "one of 'eddy train forecast' is needed"),
        ("eddy.columns", "a", "eddy.date_form should be"),
    ):
        safetensors("claims.safetensors", weights(4), {**claims, key: value})
        run("forecast", "claims.safetensors", status=2, says=says)
    safetensors("claims.safetensors", {**weights(4), "fc.weight": [1, 5000]}, claims)
    run(
        "forecast",
        "claims.safetensors",
        status=2,
        says="damaged: what it says of its model takes more than 24999999 numbers",
    )
    safetensors("claims.safetensors", {**weights(4), "extra": [1]}, claims)
    run("forecast", "claims.safetensors", status=2, says="extra")


def test_interrupt():
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        interrupt(number)
        shutil.rmtree("forecast")


def interrupt(number):
    child = subprocess.Popen(
        [EDDY, "train", "forecast", "--epochs", "1000000", "--hidden", "4", "--window", "5", "--no-plot"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # nohup, and shells in the background, ignore some
    )
    for _ in range(600):
        time.sleep(0.05)
        if os.path.exists("forecast/log.csv") and Path("forecast/log.csv").read_text().count("\n") > 3:
            break
    child.send_signal(number)
    try:
        out, err = child.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        child.kill()
        raise
    check(child.returncode == -number, f"ends by the signal, not with {child.returncode}\n{err}")
    check("interrupted after" in err and "train MSE" in out, f"says what is saved: {err}{out}")
    check(
        sorted(p.name for p in Path("forecast").iterdir()) == RESULTS,
        "all files are complete",
    )
    done = len(rows("forecast/log.csv"))
    check(f"interrupted after {done} epoch" in err, f"{done} epochs in the log, but: {err}")
    run("forecast", "forecast/model.safetensors", "--steps", "2", says="1000,")


def test_pictures():
    plain = ["train", "forecast", "--epochs", "3", "--hidden", "4", "--window", "5"]
    run(*plain, env={"PATH": "/nowhere"}, says="loss.svg was not drawn: gnuplot is not installed")
    check(not list(Path("forecast").glob("*.svg*")), "no picture without gnuplot")
    if not shutil.which("gnuplot"):
        print("SKIPPED: pictures (gnuplot is not installed)")
        return
    run(*plain, "--out", "it's/m.safetensors", status=2, says="no folder it's/")
    os.mkdir("it's")
    run(*plain, "--out", "it's/m.safetensors", says="picture it's/loss.svg")
    for name in "loss", "series", "test":
        text = Path(f"it's/{name}.svg").read_text()
        check(text.startswith("<?xml") and text.rstrip().endswith("</svg>"), f"{name}.svg is a complete picture")


def main():
    chosen = sys.argv[2:]
    for name, test in list(globals().items()):
        if name.startswith("test_") and (not chosen or name[5:] in chosen):
            before, home = checks, os.getcwd()
            with tempfile.TemporaryDirectory() as folder:
                os.chdir(folder)
                try:
                    test()
                except Exception:
                    check(False, f"{name}: {traceback.format_exc()}")
                os.chdir(home)
            check(checks > before, f"{name} checked nothing")
    print(f"{100 * (checks - failures) // checks if checks else 0}%: Checks: {checks}, Failures: {failures}, Errors: 0")
    return 1 if failures or not checks else 0


if __name__ == "__main__":
    sys.exit(main())
