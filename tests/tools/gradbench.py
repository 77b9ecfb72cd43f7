"""The program tools/bench/gradbench against the objective written once more, in complex numbers: a gradient's element
is the imaginary part of the objective at a parameter moved by 1e-30 i, which rounds nowhere (Squire and Trapp 1998).
With EDDY_SHARED, the public instance too: its gradient against the numerical one along a random direction."""
import cmath
import json
import os
import random
import subprocess
import sys


def sigmoid(z):
    return 1 / (1 + cmath.exp(-z))


def objective(main, extra, state, sequence):
    n, total = len(sequence[0]), 0
    state = [list(row) for row in state]
    for now, then in zip(sequence, sequence[1:]):
        x = [a * b for a, b in zip(now, extra[0])]
        for layer in range(len(main) // 2):
            w, b, h, c = main[2 * layer], main[2 * layer + 1], state[2 * layer], state[2 * layer + 1]
            for k in range(n):
                gate = [v * w[g * n + k] + b[g * n + k] for g, v in enumerate((x[k], h[k], x[k], h[k]))]
                c[k] = c[k] * sigmoid(gate[0]) + sigmoid(gate[1]) * cmath.tanh(gate[3])
                h[k] = sigmoid(gate[2]) * cmath.tanh(c[k])
            x = h
        y = [a * b + d for a, b, d in zip(x, extra[1], extra[2])]
        norm = cmath.log(2 + sum(map(cmath.exp, y)))
        total += sum(e * (v - norm) for e, v in zip(then, y))
    return -total / (n * (len(sequence) - 1))


def ask(program, *messages):
    text = "".join(json.dumps(dict(message, id=k)) + "\n" for k, message in enumerate(messages))
    run = subprocess.run([program], input=text, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert [a["id"] for a in answers] == list(range(len(messages))), answers
    return answers


def evaluate(program, given, **limits):
    return ask(program, *({"kind": "evaluate", "module": "lstm", "function": f, "input": dict(given, **limits)}
                          for f in ("objective", "jacobian")))


def check_small(program):
    draw = random.Random(7)
    for layers, n, steps in ((1, 1, 2), (1, 3, 5), (2, 5, 9), (3, 14, 4)):
        matrix = lambda rows, columns: [[draw.uniform(-1, 1) for _ in range(columns)] for _ in range(rows)]
        given = {"main_params": matrix(2 * layers, 4 * n), "extra_params": matrix(3, n),
                 "state": matrix(2 * layers, n), "sequence": matrix(steps, n)}
        arguments = list(given.values())
        value, gradient = evaluate(program, given, min_runs=3)
        assert len([t for t in value["timings"] if t["name"] == "evaluate"]) == 3
        assert abs(value["output"] - objective(*arguments).real) < 1e-13
        at = 0
        for part in ("main_params", "extra_params"):
            for row in given[part]:
                for k, number in enumerate(row):
                    row[k] = number + 1e-30j
                    right = objective(*arguments).imag * 1e30
                    row[k] = number
                    assert abs(gradient["output"][at] - right) < 1e-13, (part, k, gradient["output"][at], right)
                    at += 1
        assert at == len(gradient["output"])


def check_public(program, path):
    with open(path, encoding="ascii") as file:
        words = file.read().split()
    layers, steps, n = map(int, words[:3])
    numbers = iter(map(float, words[3:]))
    given = {name: [[next(numbers) for _ in range(columns)] for _ in range(rows)]
             for name, rows, columns in (("main_params", 2 * layers, 4 * n), ("extra_params", 3, n),
                                         ("state", 2 * layers, n), ("sequence", steps, n))}
    arguments = list(given.values())
    value, gradient = evaluate(program, given, min_runs=20)
    assert abs(value["output"] - objective(*arguments).real) < 1e-12
    draw = random.Random(3)
    rows = given["main_params"] + given["extra_params"]
    direction = [[draw.uniform(-1, 1) for _ in row] for row in rows]
    flat = [d for line in direction for d in line]
    for row, line in zip(rows, direction):
        row[:] = [a + 1e-30j * d for a, d in zip(row, line)]
    right, found = objective(*arguments).imag * 1e30, sum(g * d for g, d in zip(gradient["output"], flat))
    assert abs(found - right) < 1e-12, (found, right)
    times = sorted(t["nanoseconds"] for t in gradient["timings"] if t["name"] == "evaluate")
    print(f"public instance: gradient in {times[len(times) // 2] / 1e6:.2f} ms (median of {len(times)})")


def check_refusals(program):
    start, define, other, strange = ask(program, {"kind": "start"}, {"kind": "define", "module": "lstm"},
                                        {"kind": "define", "module": "gmm"}, {"kind": "evaluate", "module": "gmm"})
    assert "success" not in start and define["success"] and not other["success"] and not strange["success"]
    row = [0.5, 0.5]
    good = {"main_params": [row * 4] * 2, "extra_params": [row] * 3, "state": [row] * 2, "sequence": [row] * 3}
    for part, value in (("sequence", [row]), ("sequence", None), ("main_params", [row]), ("state", [row] * 4),
                        ("extra_params", [row, row, [1]]), ("extra_params", [row, row, ["a", "b"]])):
        answers = evaluate(program, dict(good, **{part: value}))
        assert not any(a["success"] for a in answers) and "must" in answers[0]["error"], answers
    assert all(a["success"] for a in evaluate(program, good))
    run = subprocess.run([program], input="{\n", capture_output=True, text=True)
    assert run.returncode == 1 and "no JSON message" in run.stderr


check_small(sys.argv[1])
check_refusals(sys.argv[1])
public = os.path.join(os.environ.get("EDDY_SHARED", ""), "adbench", "lstm_l2_c1024.txt")
if os.path.exists(public):
    check_public(sys.argv[1], public)
else:
    print("the public instance is not there: skipped")
