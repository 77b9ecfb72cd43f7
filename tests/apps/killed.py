#!/usr/bin/env python3
"""Kills trainings with SIGKILL at random moments and resumes them: killed.py EDDY [--kills N] [--seed N] [TASK...]

For each task of 'eddy train' a small training runs whole; then, N times (10), the same training is killed at a random
moment of its time, and resumed until it is done. The best model, the last state and the log but for its clock must be
the bits of the whole training's. No data is needed. Exit status 0 if all are.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TASKS = {
    "forecast": [
        "--data",
        "series.csv",
        "--column",
        "high",
        "--inputs",
        "low",
        "--window",
        "8",
        "--hidden",
        "16",
        "--epochs",
        "40",
        "--dropout",
        "0.1",
        "--average",
        "0.99",
        "--quantiles",
        "0.1,0.9",
        "--patience",
        "1000",
        "--no-plot",
    ],
    "text": [
        "--data",
        "text.txt",
        "--hidden",
        "24",
        "--embedding",
        "8",
        "--batch",
        "16",
        "--time",
        "16",
        "--epochs",
        "3",
        "--every",
        "20",
        "--dropout",
        "0.1",
        "--average",
        "0.99",
    ],
    "classify": ["--demo", "--hidden", "8", "--epochs", "12"],
    "speech": ["--demo", "--hidden", "8", "--epochs", "15", "--hold-out", "none"],
    "connected": ["--demo", "--hidden", "8", "--epochs", "40", "--each", "20", "--most", "2", "--hold-out", "low"],
    "translate": ["--data", "pairs.txt", "--hidden", "8", "--epochs", "6", "--dropout", "0.1"],
}


def make_data():
    chance = random.Random(3)
    rows = [f"{chance.gauss(10, 1) + 3 * (k % 9):.3f},{chance.gauss(5, 1):.3f}" for k in range(240)]
    Path("series.csv").write_text("high,low\n" + "\n".join(rows) + "\n")
    names = [chance.choice(["Anna", "Ben", "Clara"]) for _ in range(300)]
    Path("text.txt").write_text(
        "".join(f"{name} gives Dora a map in the garden. Dora thanks {name}.\n" for name in names)
    )
    Path("pairs.txt").write_text("".join(f"{n}\t{n[::-1]}\n" for n in map(str, range(100, 400))))


def timeless(log):
    """Its rows without the last column, the clock."""
    return [line.rsplit(",", 1)[0] for line in Path(log).read_text().splitlines()]


def checkpoint(path):
    """The last state, but for the seconds that the training took."""
    data = Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"].pop("eddy.checkpoint.elapsed", None)
    return header, data[8 + length :]


def train(eddy, task, options, name, resume=False):
    line = [eddy, "train", task, *options, "-q", "--threads", "1", "--out", f"{name}.safetensors"]
    line += ["--log", f"{name}.csv"]
    line += ["--resume"] if resume and last_state(name) else []
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(child, what):
    _, told = child.communicate()
    if child.returncode:
        raise RuntimeError(f"{what}: status {child.returncode}: {told.decode()}")


def last_state(name):
    """Of the speaker who is held out, if there is one: NAME.SPEAKER.last.safetensors."""
    return next(iter(Path(".").glob(f"{name}*.last.safetensors")), None)


def results(name):
    last = last_state(name)
    return Path(str(last).replace(".last", "")).read_bytes(), checkpoint(last), timeless(f"{name}.csv")


def killed_and_resumed(eddy, task, options, kills, chance):
    """What is wrong, a sentence for each kill that ended in other bits; and how many kills found a checkpoint to go on
    from."""
    wrong, resumed, done = [], 0, 0
    for path in Path(".").glob("whole*"):
        path.unlink()
    start = time.monotonic()
    finish(train(eddy, task, options, "whole"), task)
    took = time.monotonic() - start
    whole = results("whole")
    while done < kills:
        for path in Path(".").glob("killed.*"):
            path.unlink()
        child, moment = train(eddy, task, options, "killed"), chance.uniform(0, took)
        time.sleep(moment)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        if child.returncode != -signal.SIGKILL:
            continue  # it was done before
        done += 1
        resumed += last_state("killed") is not None
        finish(train(eddy, task, options, "killed", resume=True), f"{task}, resumed")
        parts = [part for part, a, b in zip(("model", "last state", "log"), whole, results("killed")) if a != b]
        if parts:
            wrong.append(f"{task} killed after {moment:.3f} of {took:.3f} s: {', '.join(parts)} differ")
    return wrong, resumed


def main():
    line = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    line.add_argument("eddy")
    line.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(TASKS))
    line.add_argument("--kills", type=int, default=10)
    line.add_argument("--seed", type=int, default=1)
    asked = line.parse_intermixed_args()
    eddy, failed = os.path.abspath(asked.eddy), 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_data()
        for task in asked.tasks or TASKS:
            wrong, resumed = killed_and_resumed(eddy, task, TASKS[task], asked.kills, random.Random(asked.seed))
            print(
                f"{task}: {asked.kills} kills, {resumed} of them behind a checkpoint: "
                f"{len(wrong)} ended with other bits",
                flush=True,
            )
            print("".join(f"  {sentence}\n" for sentence in wrong), end="")
            failed += len(wrong)
        os.chdir("/")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
