#!/usr/bin/env python3
"""Drives the applications of eddy as a user does, on their generated examples: cli_apps.py CLI.PY EDDY [NAME...]

A small training of each must beat or miss its floor and say so; one that was killed and resumed must leave the bits of
one that was not; bad input of every kind must give its sentence. Needs no data.
"""
import datetime
import json
import math
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import wave
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(sys.argv[1]).parent)]
del sys.argv[1]
import cli  # noqa: E402
import killed  # noqa: E402
from cli import EDDY, check, run  # noqa: E402


def small_text(name="small.txt"):
    """Sentences in which a name returns; a tenth of the demo's, for slow builds."""
    chance, lines = random.Random(5), []
    for _ in range(160):
        who, what = chance.choice(["Anna", "Ben", "Clara"]), chance.choice(["a map", "the key", "bread"])
        lines.append(f"{who} gives Dora {what} in the garden. Dora thanks {who}.")
    Path(name).write_text("\n".join(lines) + "\n")
    return name


def weather(name="weather.csv", days=200):
    """Days with two columns that swing together, one of text, and a gap."""
    start, chance, lines = datetime.date(2020, 1, 1), random.Random(3), ["date,high,low,kind"]
    for day in range(days):
        low = 10 + 8 * math.sin(day / 9) + chance.gauss(0, 1)
        lines.append(
            f"{(start + datetime.timedelta(day)).strftime('%d/%m/%Y')},{low + 5 + chance.gauss(0, 1):.3f},{low:.3f},sun"
        )
    Path(name).write_text("\n".join(lines) + "\n")
    return name


FORECAST = ["train", "forecast", "--data", "weather.csv", "--window", "6", "--hidden", "6", "--no-plot", "-q"]


def test_forecast():
    weather()
    run(*FORECAST, status=2, says=r"4 columns \(date, high, low, kind\): choose one")
    run(*FORECAST, "--column", "kind", status=2, says='line 2, column 4: "sun" is not a number')
    both = [*FORECAST, "--column", "high,low", "--horizon", "3", "--quantiles", "0.1,0.9", "--calendar", "--test", "40"]
    out = run(
        *both,
        "--epochs",
        "4",
        "--backtest",
        "2",
        "-o",
        "m.safetensors",
        says=["^high\n", "\nlow\n", "seasonal naive", "rows ahead:", "should hold 80.0 %", "Walk forward", "floor"],
    )
    check(out.count("its floor") == 2 and out.splitlines()[-1].startswith("test RMSE of low"), f"a verdict each: {out}")
    table = cli.rows("predictions.csv")
    check(
        list(table[0])
        == [
            "index",
            "date",
            "ahead",
            "high.truth",
            "high",
            "high.q0.1",
            "high.q0.9",
            "low.truth",
            "low",
            "low.q0.1",
            "low.q0.9",
            "split",
        ],
        f"the table's head {list(table[0])}",
    )
    test = [row for row in table if row["split"] == "test"]
    check(len(test) == 3 * 40 and test[-1]["date"] == "18/07/2020", f"40 windows of three rows, with dates {test[-1]}")
    first = [datetime.datetime.strptime(row["date"], "%d/%m/%Y") for row in test[:1]][0]
    late = [
        row
        for row in table
        if row["split"] in ("train", "held out") and datetime.datetime.strptime(row["date"], "%d/%m/%Y") >= first
    ]
    check(not late, f"no tested row is learned from: {late[:1]}")
    told = json.loads(run(*both, "--epochs", "2", "--json", "-o", "j.safetensors"))
    high = told["targets"][0]
    shown = [
        float(row["high.truth"]) - float(row["high"]) for row in cli.rows("predictions.csv") if row["split"] == "test"
    ]
    check(
        math.isclose(high["model"]["rmse"], math.sqrt(sum(e * e for e in shown) / len(shown)), rel_tol=1e-5),
        "the RMSE is that of the written forecasts",
    )
    below = [
        row
        for row in cli.rows("predictions.csv")
        if row["split"] == "test" and float(row["high.truth"]) < float(row["high.q0.1"])
    ]
    check(math.isclose(high["bands"][0]["below"], len(below) / 120, abs_tol=1e-9), "so is the share below a quantile")
    ahead = run("forecast", "m.safetensors", "--data", "weather.csv", "--steps", "10").splitlines()
    check(ahead[0] == "index,date,high,high.q0.1,high.q0.9,low,low.q0.1,low.q0.9", ahead[0])
    check(
        len(ahead) == 11 and ahead[1].startswith("200,19/07/2020,") and ahead[10].startswith("209,28/07/2020,"),
        f"dates go on: {ahead}",
    )
    check(all(float(a) <= float(b) for a, b in (row.split(",")[3:5] for row in ahead[1:])), "bands have a lower edge")
    check(
        json.loads(run("forecast", "m.safetensors", "--data", "weather.csv", "--json"))["dates"][0] == "19/07/2020",
        "JSON",
    )
    run(
        "forecast",
        "m.safetensors",
        "--data",
        "weather.csv",
        "--column",
        "high",
        status=2,
        says="forecasts 2 of 2 columns",
    )
    one = [*FORECAST, "--column", "high", "--inputs", "low", "--epochs", "2", "-o", "o.safetensors"]
    run(*one, "--recursive", "--horizon", "2", status=2, says="every column must be a target")
    run(
        *one,
        "--cell",
        "gru",
        "--layers",
        "2",
        "--dropout",
        "0.2",
        "--zoneout",
        "0.1",
        "--ways",
        "both",
        "--members",
        "3",
        says="3 x GRU.2->6, both ways., 2 layers",
    )
    run("forecast", "o.safetensors", "--data", "weather.csv", "--steps", "1", says="200,19/07/2020")
    run("forecast", "o.safetensors", "--data", "weather.csv", "--steps", "2", status=2, says="at most 1 steps")
    run(
        "explain",
        "--model",
        "o.safetensors",
        "--data",
        "weather.csv",
        "--column",
        "high",
        status=2,
        says="no plain forecaster",
    )
    Path("weather.csv").write_text(
        Path("weather.csv").read_text().replace("\n05/01/2020,", "\n05/01/2020,NA,", 1).replace(",sun", "", 1)
    )
    run(*one, status=2, says="fields")


TEXT = ["train", "text", "--data", "small.txt", "--hidden", "24", "--embedding", "8", "--batch", "16", "--time", "16"]


def test_text():
    small_text()
    run(
        *TEXT,
        "--epochs",
        "1",
        "-o",
        "m.safetensors",
        "--sample",
        "20",
        "--plot",
        "losses.svg",
        says=["5-gram", "The model (beats|does NOT beat) its floor"],
    )
    if shutil.which("gnuplot"):
        picture = Path("losses.svg").read_text()
        check(all(word in picture for word in ("training", "held out", "-gram", "nats")), "the losses beside the floor")
    run(*TEXT, "--plot", "small.txt", status=2, says="--plot would overwrite the data")
    run(*TEXT, "--epochs", "1", "-q", "-o", "m.safetensors", "--plot", "nowhere/losses.svg", status=2, says="nowhere")
    out = run(*TEXT, "--epochs", "1", "--json", "-q", "-o", "m.safetensors")
    told = json.loads(out)
    check(told["task"] == "text" and len(told["floors"]) == 5, "the result as JSON")
    check(told["floors"][4] < told["floors"][0] < 4, "n-grams of five are better than of one")
    first = run("generate", "m.safetensors", "-n", "60", "--prime", "Anna ")
    check(first.startswith("Anna ") and len(first) == 65, f"60 characters behind the prime: {first!r}")
    check(run("generate", "m.safetensors", "-n", "60", "--prime", "Anna ") == first, "one seed, one text")
    check(run("generate", "m.safetensors", "-n", "60", "--prime", "Anna ", "--seed", "7") != first, "another seed")
    greedy = [run("generate", "m.safetensors", "-n", "40", "--top-k", "1", "--seed", seed) for seed in "12"]
    check(greedy[0] == greedy[1], "with --top-k 1 no seed matters")
    stopped = run("generate", "m.safetensors", "-n", "5000", "--stop", ".")
    check(stopped.endswith(".") and stopped.count(".") == 1, f"--stop: {stopped!r}")
    run("generate", "m.safetensors", "--prime", "Örjan", status=2, says='line 1, column 1.*never seen "Ö"')
    run("generate", "m.last.safetensors", "-n", "1", status=2, says="to resume with")
    run("forecast", "m.safetensors", status=2, says="model of .eddy train text.")


def test_info():
    small_text()
    small = ["--epochs", "1", "-q", "--json"]
    told = json.loads(run(*TEXT, *small, "-o", "m.safetensors"))
    out = run("info", "m.safetensors", says=["a model of 'eddy train text'", "eddy.characters", "rnn.weight_ih_l0"])
    check("rnn.weight_hh_l0" in out, "info lists tensors")
    run("info", "m.last.safetensors", says="a checkpoint of 'eddy train text'")
    run(
        "plan",
        "m.safetensors",
        "--time",
        says=["a model of 'eddy train text'", "program 2", "product", "calls in a run"],
    )
    plans = [json.loads(line) for line in run("plan", "m.safetensors", "--json").splitlines()]
    check(
        [p["program"] for p in plans] == [1, 2] and all(p["passes"][-1]["calls"] == p["calls"] for p in plans),
        "its programs",
    )
    run("plan", "m.last.safetensors", status=2, says="to resume with")
    run("plan", "m.safetensors", "--dump", "views", status=2, says="for networks")
    about = json.loads(run("info", "m.safetensors", "--json"))
    check(about["task"] == "text" and not about["checkpoint"] and "out.bias" in about["tensors"], "info as JSON")
    Path("t.txt").write_text("Anna gives Ben a map in the garden. Ben thanks Anna.\n" * 9)
    nats = json.loads(run("eval", "m.safetensors", "--data", "t.txt", "--json"))["nats"]
    check(0.5 < nats < 4 and told["best"] < 4, f"a text is measured: {nats}")
    Path("t.txt").write_text("Anna #")
    run("eval", "m.safetensors", "--data", "t.txt", status=2, says='never seen "#"')
    run("eval", "m.safetensors", status=2, says="--data FILE is needed")
    run("info", "t.txt", status=2, says="t.txt")
    run("train", "forecast", "--epochs", "1", "--hidden", "2", "--no-plot", "-q", "-o", "f/m.safetensors", status=2)
    run("train", "forecast", "--epochs", "1", "--hidden", "2", "--no-plot", "-q", "-o", "f.safetensors")
    run("info", "f.safetensors", says="a model of 'eddy train forecast'")
    Path("v.csv").write_text("v\n" + "".join(f"{math.sin(0.1 * k):.6f}\n" for k in range(80)))
    run("eval", "f.safetensors", "--data", "v.csv", says=["60 windows", "the model", "last value"])
    told = json.loads(run("eval", "f.safetensors", "--data", "v.csv", "--json"))["targets"][0]
    check(told["name"] == "v" and 0 < told["last value"]["rmse"] < 0.1, f"series are measured: {told}")
    run("eval", "f.safetensors", "--data", "t.txt", status=2, says="t.txt")
    rows = ["id,x,y,class"] + [f"{i},{i % 3 + 0.1 * t},{t},{'abc'[i % 3]}" for i in range(30) for t in range(3 + i % 4)]
    Path("t.csv").write_text("\n".join(rows) + "\n")
    run("train", "classify", "--data", "t.csv", *small, "-o", "c.safetensors")
    run("eval", "c.safetensors", "--data", "t.csv", says="30 sequences: accuracy")


def test_help():
    """Help with examples whose options exist, for every task and command of the applications."""
    for command in (
        "train text",
        "train classify",
        "train speech",
        "train connected",
        "train translate",
        "translate",
        "generate",
        "recognise",
        "info",
        "eval",
    ):
        text = run(*command.split(), "--help", says=[f"Usage: eddy {command}", "Examples:"])
        example = text[text.index("Examples:") :]
        check(example.count("eddy " + command) >= 2, f"{command} --help has examples")
        for option in re.findall(r" (--[a-z-]+)", example):
            check(option in text[: text.index("Examples:")], f"{command}: the example's {option} is an option")


def test_resumes():
    """A sample of what killed.py does."""
    killed.make_data()
    for task, options in killed.TASKS.items():
        wrong, _ = killed.killed_and_resumed(EDDY, task, options, 2, random.Random(time.time_ns()))
        check(not wrong, "\n".join(wrong))


def test_text_interrupted():
    small_text()
    child = subprocess.Popen(
        [EDDY, *TEXT, "--epochs", "1000", "--every", "5", "-o", "i.safetensors"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    child.stderr.readline()
    child.stderr.readline()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    check(
        child.returncode == -signal.SIGINT and "interrupted" in err and "the model" in out,
        f"Ctrl-C keeps the model: {child.returncode} {err}{out}",
    )
    run("generate", "i.safetensors", "-n", "5")


def test_text_data():
    def refuse(data, *says, more=()):
        Path("bad.txt").write_bytes(data)
        run("train", "text", "--data", "bad.txt", *more, status=2, says=says)

    plain = b"one two three four five six seven eight nine ten\n" * 40
    run("train", "text", status=2, says="--data FILE is needed")
    run("train", "text", "--demo", "--data", "x", status=2, says="--demo makes its own")
    run("train", "text", "--data", "nowhere.txt", status=2, says="nowhere.txt: cannot be read")
    refuse(b"", "bad.txt is empty")
    refuse(plain + b"a\xff", "line 41, column 2: these bytes are no UTF-8", "--units bytes")
    refuse(plain + b"\0", "line 41, column 1: there is a zero byte")
    refuse(b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "only one character")
    refuse(b"ab", "too few to learn")
    refuse(plain, "too short", more=["--batch", "60000"])
    refuse(plain, 'no cell "lstn"', more=["--cell", "lstn"])
    refuse(plain, "would overwrite the data", more=["--out", "bad.txt"])
    small = ["--epochs", "1", "--hidden", "4", "--batch", "4", "--time", "8", "-q", "-o", "m.safetensors"]
    for units in "chars", "bytes":
        Path("t.txt").write_bytes(b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"))
        run("train", "text", "--data", "t.txt", "--units", units, *small, says="the model")
    check("\r" not in run("generate", "m.safetensors", "-n", "1"), "generates")
    run("train", "text", "--data", "t.txt", *small, "--shuffle-lines", "--cell", "gru", "--layers", "2", says="beat")
    Path("other.safetensors").write_bytes(Path("m.safetensors").read_bytes()[:100])
    run("generate", "other.safetensors", status=2, says="other.safetensors")
    run(
        "train",
        "text",
        "--data",
        "t.txt",
        *small,
        "--hidden",
        "5",
        "--resume",
        status=1,
        says="checkpoint of another training",
    )
    run("train", "text", "--data", "t.txt", *small, "--seed", "7", "--resume", status=1, says="checkpoint of a")
    run(
        "train",
        "text",
        "--data",
        "t.txt",
        *small,
        "--schedule",
        "cubic",
        status=2,
        says="one of cosine|linear|constant",
    )
    run("train", "text", "--data", "t.txt", *small[:-2], "-o", "new.safetensors", "--resume", status=1, says="new.last")


CLASSIFY = ["train", "classify", "--demo", "--hidden", "8"]


def test_classify():
    out = run(*CLASSIFY, "--epochs", "3", "-o", "c.safetensors", says=["taken for", "nearest neighbour", "the model"])
    check(re.search(r"The model (beats|does NOT beat) its floor", out.splitlines()[-1]), "the last line is the verdict")
    told = json.loads(run(*CLASSIFY, "--hidden", "32", "--epochs", "20", "--json", "-q", "-o", "c.safetensors"))
    check(told["test"]["accuracy"] > told["floors"]["nearest neighbour"], f"waves are learned: {told}")
    run("generate", "c.safetensors", status=2, says="a model of 'eddy train classify', and one of 'eddy train text'")
    rows = ["id,x,y,class"] + [f"{i},{i % 3 + 0.1 * t},{t},{'abc'[i % 3]}" for i in range(30) for t in range(3 + i % 4)]
    Path("t.csv").write_text("\n".join(rows) + "\n")
    run(
        "train",
        "classify",
        "--data",
        "t.csv",
        "--epochs",
        "2",
        "--cell",
        "gru",
        "--ways",
        "forwards",
        "-q",
        "-o",
        "d.safetensors",
        says="accuracy",
    )
    run(
        "train",
        "classify",
        "--data",
        "t.csv",
        "--test",
        "t.csv",
        "--epochs",
        "1",
        "--held-out",
        "1e-9",
        "-q",
        "-o",
        "d.safetensors",
        says="accuracy",
    )
    Path("one.csv").write_text("\n".join(row for row in rows if row[-1] != "b" and row[-1] != "c") + "\n")
    run("train", "classify", "--data", "one.csv", status=2, says="one class only")
    Path("other.csv").write_text("\n".join(rows).replace(",a\n", ",z\n") + "\n")
    run("train", "classify", "--data", "t.csv", "--test", "other.csv", status=2, says='class "z" is none of the 3')
    run("train", "classify", "--data", "nowhere.ts", status=2, says="nowhere.ts: cannot be read")


def test_speech():
    small = ["--hidden", "8", "--epochs", "2", "-q"]
    run(
        "train",
        "speech",
        "--demo",
        *small,
        "-o",
        "s.safetensors",
        "--confusion",
        "c.svg",
        says=["low", "a random fifth", "mean of the speakers", "its floor"],
    )
    names = "s.low", "s.middle", "s.high", "s"
    check(all(os.path.exists(f"{name}.safetensors") for name in names), "a model for each speaker, and one for all")
    table = Path("c.svg").read_text()
    shares = [float(share) for share in re.findall(r"<title>([0-9.]+)</title>", table)]
    check(
        all(table.count(f">{word}<") == 2 for word in ("rise", "fall", "stay")) and len(shares) == 9,
        "rows and columns have names",
    )
    check(
        all(abs(sum(shares[k : k + 3]) - 1) < 0.01 for k in (0, 3, 6)), f"each row is its word's recordings: {shares}"
    )
    run(
        "train",
        "speech",
        "--demo",
        *small,
        "--confusion",
        "s.safetensors",
        "-o",
        "s.safetensors",
        status=2,
        says="are the same file",
    )
    os.mkdir("sounds")
    for word in "ab":
        for speaker in "xy":
            for take in range(6):
                with wave.open(f"sounds/{word}_{speaker}_{take}.wav", "wb") as file:
                    file.setparams((1, 2, 8000, 0, "NONE", ""))
                    tone = 0.3 if word == "a" else 0.9
                    file.writeframes(
                        b"".join(struct.pack("<h", int(9000 * math.sin(tone * i + take))) for i in range(1600))
                    )
    run("train", "speech", "--data", "sounds", "--hold-out", "y", *small, "-o", "t.safetensors", says="y  ")
    out = run("recognise", "t.y.safetensors", "sounds/a_y_0.wav", "sounds/b_y_1.wav", "--json")
    run(
        "recognise",
        "t.y.safetensors",
        "sounds/a_y_0.wav",
        "--plot",
        "r.svg",
        status=2,
        says="needs a model of 'eddy train connected'",
        silent_out=True,
    )
    check([w["word"] in "ab" for w in json.loads(out)["words"]] == [True, True], f"two words: {out}")
    told = json.loads(run("eval", "t.y.safetensors", "--data", "sounds", "--json"))
    check(told["recordings"] == 24 and 0 <= told["accuracy"] <= 1, f"recordings are measured: {told}")
    run("train", "speech", "--data", "sounds", "--hold-out", "z", status=2, says="no such speaker")
    run("train", "speech", "--data", "nowhere", status=2, says="nowhere: no folder")
    run("recognise", "t.y.safetensors", "t.y.safetensors", status=2, says="no .wav file")
    cut = Path("sounds/a_x_0.wav").read_bytes()[:500]
    Path("sounds/a_x_0.wav").write_bytes(cut)
    run("train", "speech", "--data", "sounds", status=2, says="a_x_0.wav: a chunk of 3200 bytes is announced")
    Path("sounds/hello.wav").write_bytes(cut)
    os.remove("sounds/a_x_0.wav")
    run("train", "speech", "--data", "sounds", status=2, says="WORD_SPEAKER_NUMBER.wav")


def sound(name, *glides):
    """A tone of 0.2 s for each, in one file, whose pitch rises (above 0) or falls: the mean of a recording says nothing
    of it."""
    with wave.open(name, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        for glide in glides:
            phase, samples = 0.0, []
            for i in range(1600):
                phase += 0.6 * 2 ** (2 * glide * (i / 1600 - 0.5))
                samples.append(int(9000 * math.sin(phase)))
            file.writeframes(struct.pack("<1600h", *samples))


def test_connected():
    os.mkdir("sounds")
    for word, tone in (("a", 1), ("b", -1)):
        for speaker in "xy":
            for take in range(12):
                sound(f"sounds/{word}_{speaker}_{take:02}.wav", tone * (0.9 + 0.02 * take))
    small = [
        "train",
        "connected",
        "--data",
        "sounds",
        "--hold-out",
        "y",
        "--each",
        "100",
        "--most",
        "4",
        "--hidden",
        "12",
        "-q",
    ]
    run(*small, "--epochs", "1", "-o", "c.safetensors", says=["label error rate", "greedy", "beam", "its floor"])
    told = json.loads(run(*small, "--epochs", "25", "--lr", "0.01", "--json", "-o", "c.safetensors"))
    check(told["beam"] < 0.2, f"two tones are told apart, without boundaries: {told}")
    os.mkdir("said")
    sound("said/a-b-a_z_0.wav", 1, -1, 1)
    sound("said/b-a_z_0.wav", -1, 1)
    heard = json.loads(run("recognise", "c.y.safetensors", "said/a-b-a_z_0.wav", "said/b-a_z_0.wav", "--json"))
    check([w["word"] for w in heard["words"]] == ["a b a", "b a"], f"words one after the other: {heard}")
    run("recognise", "c.y.safetensors", "said/a-b-a_z_0.wav", "--plot", "heard.svg", says="^a b a ")
    run(
        "recognise",
        "c.y.safetensors",
        "said/a-b-a_z_0.wav",
        "--plot",
        "said/a-b-a_z_0.wav",
        status=2,
        says="would overwrite",
    )
    picture = Path("heard.svg").read_text()
    check(all(f">{name}<" in picture for name in ("(blank)", "a", "b")), "a row for each class")
    shares = [float(share) for share in re.findall(r"<title>([0-9.]+)</title>", picture)]
    steps = len(shares) // 3
    check(all(abs(sum(shares[t::steps]) - 1) < 0.01 for t in range(steps)), "the shares of a step are a distribution")
    check(max(shares[steps : 2 * steps]) > 0.5 and max(shares[2 * steps :]) > 0.5, "both words are heard somewhere")
    rate = json.loads(run("eval", "c.y.safetensors", "--data", "said", "--json"))
    check(rate["words"] == 5 and rate["label_error_rate"] == 0, f"a label error rate: {rate}")
    sound("said/a-c_z_0.wav", 1, -1)
    run("eval", "c.y.safetensors", "--data", "said", status=2, says='"c" in "a-c" is none of the 2 words')
    run(*small, "--hold-out", "z", status=2, says="no such speaker")
    for path in Path("sounds").glob("*_y_*"):
        path.unlink()
    run(*small[:4], status=2, says="1 speakers; 2 to")


def test_translate():
    lines = [f"{'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}\t{n % 10}{n // 10}\tnote" for n in range(100)] * 3
    Path("t.txt").write_text("\n".join(lines) + "\n")
    small = ["train", "translate", "--data", "t.txt", "--hidden", "16", "--batch", "16", "-q"]
    run(
        *small,
        "--epochs",
        "1",
        "-o",
        "m.safetensors",
        says=["nearest learned sentence", "word by word", "BLEU", "the model", "its floor"],
    )
    told = json.loads(run(*small, "--epochs", "60", "--lr", "0.01", "--json", "-o", "m.safetensors"))
    check(
        told["test"]["exact"] > 0.5 > told["floors"]["nearest sentence"], f"letters become numbers, backwards: {told}"
    )
    out = run("translate", "m.safetensors", "ab", "ji", "--beam", "8")
    check(re.fullmatch(r"\d\d?\n\d\d?\n", out), f"two translations: {out!r}")
    measured = json.loads(run("eval", "m.safetensors", "--data", "t.txt", "--json"))
    check(measured["sentences"] == 300 and measured["exact"] > 0.5, f"pairs are measured: {measured}")
    run("translate", "m.safetensors", "ab", "--attention", "a.svg")
    check(
        Path("attention.svg").exists() and Path("a.svg").read_text().count("<rect") >= 1 + 2 * 2,
        "a picture of the attention",
    )
    run("translate", "m.safetensors", "az", status=2, says='never seen "z"')
    run("translate", "m.safetensors", "abc", status=2, says="3 characters, and the model reads 1 to 2")
    for text, says in (
        ("a b\n", "line 1: there is no tab"),
        ("a\t\n", "line 1: a sentence is empty"),
        ("a\tb\n", "too few"),
    ):
        Path("bad.txt").write_text(text)
        run("train", "translate", "--data", "bad.txt", status=2, says=says)
    run("train", "translate", "--demo", "--cell", "gru", status=2, says="one layer of LSTM")


if __name__ == "__main__":
    for name in [n for n in vars(cli) if n.startswith("test_")]:
        delattr(cli, name)
    vars(cli).update({n: f for n, f in list(globals().items()) if n.startswith("test_")})
    sys.exit(cli.main())
