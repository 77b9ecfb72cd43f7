#!/usr/bin/env python3
"""Drives eddy explain as a user does: cli_explain.py EDDY [NAME...], in the manner of cli.py.

The numbers are checked here once more, in Python's own arithmetic, from the CSV file alone.
"""
import csv
import html.parser
import json
import math
import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import cli
from cli import check, run

NETWORKS = "lstm", "gru", "gru-reset-before", "bilstm", "attention"
SAMPLED = int(os.environ.get("EDDY_TEST_EVERY", "1")) > 1  # a slow build
TRAIN = ["train", "forecast", "--epochs", "2", "--hidden", "3", "--window", "6", "--no-plot", "--quiet"]


def each(networks, ways):
    """Every network in every way; in a slow build each network and each way, not each pair of them."""
    for i, network in enumerate(networks):
        yield network, [way for k, way in enumerate(ways) if not SAMPLED or k == i % len(ways)]


def table(path):
    """quantity -> (step, sample, row, column) -> (hand, tape, numerical)"""
    out = {}
    with open(path, newline="") as file:
        for r in csv.DictReader(file):
            place = tuple(int(r[k]) if r[k] else None for k in ("step", "sample", "row", "column"))
            out.setdefault(r["quantity"], {})[place] = tuple(
                float(r[k]) if r[k] else None for k in ("hand", "tape", "numerical")
            )
    return out


def test_usage():
    run("explain", "--help", says=["Usage: eddy explain lstm", "--forget-bias", "--html"])
    run("explain", status=2, says="which network")
    run("explain", "lstn", status=2, says='no network "lstn"; did you mean "lstm"')
    run("explain", "zzzz", status=2, says="It can explain lstm, gru")
    run("explain", "lstm", "gru", status=2, says='"gru" is one too many')
    for option in "--steps", "--input", "--hidden", "--batch", "--at":
        for value in "0", "-1", "abc", "", "99999999999999999999":
            run("explain", "lstm", option, value, status=2, says=rf'{option} takes a whole number .*not "{value}"')
    for value in "0", "-1", "nan", "x":
        run("explain", "lstm", "--gain", value, status=2, says=f'--gain takes a number .*not "{value}"')
    run("explain", "lstm", "--forget-bias", "1e9", status=2, says="--forget-bias takes a number from -100 to 100")
    run("explain", "lstm", "--steps", "1000", "--hidden", "256", status=2, says="Jacobians too large")
    run("explain", "lstm", "--data", "x.csv", status=2, says="--data .* needs --model")
    run("explain", "lstm", "--at", "2", status=2, says="--at .* needs --model")
    run("explain", "lstm", "--column", "2", status=2, says="--column .* needs --data")
    for option in "--html", "--csv":
        run("explain", "lstm", option, "no/such/x", status=2, says="no folder no/such/", silent_out=True)
        run("explain", "lstm", option, "/dev/full", status=1, says="/dev/full: cannot be written")
    run("explain", "lstm", "--html", "x", "--csv", "x", status=2, says="the same file")
    check(not list(Path(".").iterdir()), "refused command lines wrote nothing")


def test_networks():
    for network in NETWORKS:
        out = run(
            "explain",
            network,
            says=[
                "1. Forward",
                "2. Backward",
                "3. Weights",
                "4. One step with numbers",
                "5. Gradient flow",
                "All \\d+ quantities agree",
            ],
        )
        check("DISAGREE" not in out, f"{network} agrees")
        check("\\" not in out, f"{network}: every formula is read")
        check(max(map(len, out.splitlines())) < 260, f"{network}: lines can be read")
        run("explain", network, "--steps", "1", "--input", "1", "--hidden", "1", "--batch", "1", says="All .* agree")
        answer = json.loads(
            run(
                "explain",
                network,
                "--seed",
                "5",
                "--steps",
                "4",
                "--input",
                "3",
                "--hidden",
                "2",
                "--batch",
                "3",
                "--json",
                "--csv",
                "x.csv",
            )
        )
        check(answer["agrees"] is True and answer["network"] == network and answer["seed"] == 5, f"{network}: JSON")
        check(not answer["numerical_sampled"], f"{network}: all elements numerically")
        data = table("x.csv")
        for q in answer["quantities"]:
            values = data[q["quantity"]]
            check(
                len(values) == max(len(q["steps"]), 1) * q["rows"] * q["columns"],
                f"{network} {q['quantity']}: CSV and JSON have the same elements",
            )
            flat = [v for step in q["tape"] for row in step for v in row]
            check(
                flat == [v[1] for v in values.values()], f"{network} {q['quantity']}: CSV and JSON have the same values"
            )
            for hand, tape, numerical in values.values():
                check(
                    hand is None or math.isclose(hand, tape, rel_tol=1e-7, abs_tol=1e-10),
                    f"{network} {q['quantity']}: {hand} {tape}",
                )
                check(
                    numerical is None or math.isclose(numerical, tape, rel_tol=1e-5, abs_tol=1e-8),
                    f"{network} {q['quantity']}: {numerical} {tape}",
                )
    check(run("explain", "lstm") == run("explain", "lstm"), "the same seed gives the same text")
    check(run("explain", "lstm") != run("explain", "lstm", "--seed", "2"), "another seed gives another")
    check(run("explain", "lstm", "-v").count("Sample") == 4, "-v shows all samples")


def test_formulas():
    """The LSTM's matrix form from the CSV's own forward values."""
    run("explain", "lstm", "--steps", "3", "--csv", "x.csv")
    d = {name: {place: v[1] for place, v in values.items()} for name, values in table("x.csv").items()}
    steps, units, samples = (1, 2, 3), (1, 2), (1, 2)
    for t in steps:
        for b in samples:
            for j in units:
                at, before, after = (t, b, None, j), (t - 1, b, None, j), (t + 1, b, None, j)
                f, i, g, o, c = (d[n][at] for n in ("f", "i", "C_tilde", "o", "C"))
                check(math.isclose(c, f * d["C"][before] + i * g, rel_tol=1e-12), "C = f C + i C~")
                check(math.isclose(d["h"][at], o * math.tanh(c), rel_tol=1e-12), "h = o tanh C")
                check(
                    math.isclose(d["delta_f"][at], d["dC"][at] * d["C"][before] * f * (1 - f), rel_tol=1e-10), "delta_f"
                )
                check(
                    math.isclose(d["delta_o"][at], d["dh"][at] * math.tanh(c) * o * (1 - o), rel_tol=1e-10), "delta_o"
                )
                if t < 3:
                    dc = d["dh"][at] * o * (1 - math.tanh(c) ** 2) + d["dC"][after] * d["f"][after]
                    check(math.isclose(d["dC"][at], dc, rel_tol=1e-10), "dC")
    for j in units:
        for m in (1, 2):
            total = sum(d["delta_i"][t, b, None, j] * d["h"][t - 1, b, None, m] for t in steps for b in samples)
            check(math.isclose(d["dW_i"][None, None, j, m], total, rel_tol=1e-9, abs_tol=1e-14), "dW^h = sum delta h")
            total = sum(d["delta_i"][t, b, None, j] * d["x"][t, b, None, m] for t in steps for b in samples)
            check(
                math.isclose(d["dW_i"][None, None, j, 2 + m], total, rel_tol=1e-9, abs_tol=1e-14), "dW^x = sum delta x"
            )


def test_names():
    """The names behind formulas are those of the book's."""
    book = "".join(
        path.read_text(encoding="utf-8") for path in Path(__file__).resolve().parents[2].glob("docs/book/*.md")
    )
    for network in NETWORKS:
        names = set(re.findall(r"\[([A-Z]+\.[\w.]+)\]", run("explain", network)))
        check(len(names) > 3, f"explain {network} names {names}")
        for name in names:
            check(rf"\tag{{{name}}}" in book, f"explain {network} names {name}, which no formula of the book is called")


def by_hand(text):
    """What a substituted formula comes to; of "σ(...) = σ(a)" both."""
    names = {"σ": lambda a: 1 / (1 + math.exp(-a)), "tanh": math.tanh, "exp": math.exp}
    return [
        eval(side.replace("·", "*").replace("−", "-").replace("²", "**2"), {"__builtins__": {}}, names)
        for side in text.split(" = ")
    ]


def test_worked():
    """Every formula of the step that is worked with numbers comes to the number behind it, and that to what JSON says
    of the quantity."""
    ways = (
        [],
        ["--step", "1"],
        ["--step", "3"],
        ["--input", "1", "--hidden", "3", "--batch", "1", "--steps", "4", "--seed", "5"],
    )
    for network, chosen in each(NETWORKS, ways):
        for sizes in chosen:
            answer = json.loads(run("explain", network, *sizes, "--json"))
            quantity = {q["quantity"]: q for q in answer["quantities"]}
            step, lines = answer["worked"]["step"], answer["worked"]["lines"]
            wanted = {
                q["quantity"]
                for q in answer["quantities"]
                if q["formula"] and not q["quantity"].endswith("_reverse") and q["quantity"] != "dx"
            }
            check(
                wanted - {"dx"} <= {line["quantity"] for line in lines},
                f"{network} {sizes}: {wanted - {line['quantity'] for line in lines}} not worked",
            )
            for line in lines:
                q = quantity[line["quantity"]]
                value = q["hand"][q["steps"].index(step) if q["steps"] else 0][0][0]
                check(line["value"] == value, f"{network} {line['quantity']}: the number is that of the quantity")
                for side in by_hand(line["substituted"]):
                    check(
                        math.isclose(side, value, rel_tol=1e-4, abs_tol=2e-5),
                        f"{network} {sizes} {line['formula']} = {line['substituted']} = {side}, not {value}",
                    )
                check(
                    "_t" not in line["formula"].replace("Σ_t", "") or not q["steps"],
                    f"{line['formula']}: the step stands for t",
                )
        out = run("explain", network)
        shown = (
            out[out.index("4. One step with numbers") : out.index("5. Gradient flow")]
            .replace("\n          +", " +")
            .replace("\n          =", " =")
        )
        worked = re.findall(r"^ {6}= (.*) = (\S+)$", shown, re.M)
        check(len(worked) > 15, f"{network}: the text works {len(worked)} formulas")
        for text, value in worked:
            check(
                all(math.isclose(side, float(value), rel_tol=1e-4, abs_tol=2e-5) for side in by_hand(text)),
                f"{network}: {text} = {value}",
            )
    run("explain", "lstm", "--step", "4", status=2, says="--step 4 is beyond the last of 3 steps")


def matrices(text, name):
    """The rows that stand behind "name = " last, and below it."""
    rows = text.split("\n")
    at = max(i for i, row in enumerate(rows) if re.search(rf"(^| ){re.escape(name)} = ", row))
    wrapped = (i for i in range(at + 1, at + 4) if rows[i : i + 1] and rows[i].startswith(" " * 10 + "= "))
    below_it = next(i for i in range(at + 1, len(rows) + 1) if i == len(rows) or re.match(r" {0,6}\w", rows[i]))
    at = next((i for i in wrapped if i < below_it), at)
    numbers, column = [], rows[at].rindex("= ") + 2
    for below, row in enumerate(rows[at:]):
        found = re.search(r"^\[([-0-9.e ]+)\]$" if below else r"^\[?([-0-9.e ]+)\]?$", row[column:])
        if not found:
            break
        numbers.append([float(x) for x in found[1].split()])
    return numbers


def pencil_loss(network, given, hidden):
    """1/2 sum |h - y|^2 in plain Python; hidden units, one input, two steps."""
    sigma = lambda a: 1 / (1 + math.exp(-a))
    row = lambda name: [x for part in given[name] for x in part]

    def product(gate, h, x):
        return [sum(w * v for w, v in zip(given["W_" + gate][j], h + x)) for j in range(hidden)]

    def bias(gate):
        return row("b_" + gate)

    h, C, loss = row("h_0"), row("C_0") if network == "lstm" else None, 0
    for t in 1, 2:
        x = row(f"x_{t}")
        a = lambda gate, state=h: [p + b for p, b in zip(product(gate, state, x), bias(gate))]
        if network == "lstm":
            f, i, o = ([sigma(v) for v in a(gate)] for gate in "fio")
            C = [f[j] * C[j] + i[j] * math.tanh(a("C")[j]) for j in range(hidden)]
            h = [o[j] * math.tanh(C[j]) for j in range(hidden)]
        else:
            z, r = ([sigma(v) for v in a(gate)] for gate in "zr")
            if network == "gru":
                b = given["b_n"]
                q = [p + b[j][1] for j, p in enumerate(product("n", h, [0]))]
                n = [math.tanh(p + b[j][0] + r[j] * q[j]) for j, p in enumerate(product("n", [0] * hidden, x))]
                h = [(1 - z[j]) * n[j] + z[j] * h[j] for j in range(hidden)]
            else:
                n = a("h", [r[j] * h[j] for j in range(hidden)])
                h = [(1 - z[j]) * h[j] + z[j] * math.tanh(n[j]) for j in range(hidden)]
        loss += sum((u - v) ** 2 for u, v in zip(h, row(f"y_{t}"))) / 2
    return loss


def test_pencil():
    """--worked: every line of numbers comes to what stands behind it; gradients are those of a loss computed in
    Python."""
    for network, gates in ("lstm", "fiCo"), ("gru", "zrn"), ("gru-reset-before", "zrh"):
        for seed in [], ["--seed", "2"], ["--seed", "77"]:
            numbers, in_matrices = run("explain", network, "--worked", *seed).split("\n\n\n")
            joined = re.sub(r"\n {9}([+=])", r" \1", numbers)
            worked = re.findall(r"^ {6}(?:\S+ )?= (.*) = (\S+)$", joined, re.M)
            check(len(worked) > 30, f"{network}: {len(worked)} lines are worked")
            for text, value in worked:
                check(
                    all(math.isclose(side, float(value), rel_tol=2e-5, abs_tol=2e-6) for side in by_hand(text)),
                    f"{network} {seed}: {text} = {value}",
                )
            for hidden, text in (1, numbers), (2, in_matrices):
                names = [f"{p}_{g}" for p in "Wb" for g in gates] + ["x_1", "x_2", "y_1", "y_2", "h_0"]
                names += ["C_0"] if network == "lstm" else []
                begin, rest = text.split("Forward, t = 1")
                given = {name: matrices(begin, name) for name in names}
                check(
                    all(abs(10 * v - round(10 * v)) < 1e-9 and v for m in given.values() for r in m for v in r),
                    f"{network}: what is given has one decimal and is not zero",
                )
                loss = float(re.search(r"The loss\n\n.*\n {6}= (\S+)", text)[1])
                check(math.isclose(pencil_loss(network, given, hidden), loss, rel_tol=1e-5), f"{network}: the loss")
                for g in gates:
                    for part, first, last in ("h", 0, hidden), ("x", hidden, hidden + 1):
                        shown = matrices(rest, f"dW_{g}^{part}")
                        check((len(shown), len(shown[0])) == (hidden, last - first), f"dW_{g}^{part}: {shown}")
                        for j in range(hidden):
                            for k in range(first, last):
                                weight, step = given["W_" + g], 1e-5
                                weight[j][k] += step
                                above = pencil_loss(network, given, hidden)
                                weight[j][k] -= 2 * step
                                below = pencil_loss(network, given, hidden)
                                weight[j][k] += step
                                check(
                                    math.isclose(
                                        shown[j][k - first], (above - below) / (2 * step), rel_tol=1e-4, abs_tol=1e-6
                                    ),
                                    f"{network}, H = {hidden}: dW_{g}[{j},{k}] = {shown[j][k - first]}",
                                )
    run("explain", "lstm", "--worked", "-o", "worked.txt")
    check(Path("worked.txt").read_text() == run("explain", "lstm", "--worked"), "-o writes the same")
    run("explain", "bilstm", "--worked", status=2, says="one layer: lstm, gru or gru-reset-before, not bilstm")
    run("explain", "lstm", "--worked", "--json", status=2, says="takes --seed and --out only")
    run("explain", "lstm", "--worked", "--hidden", "3", status=2, says="takes --seed and --out only")


def printed(text, name, step=None):
    """The rows that -v prints of what is given."""
    heading = name if step is None else f"{name}, t = {step}"
    part = re.search(r"^0\. Given$(.*?)^1\. Forward$", text, re.M | re.S).group(1)
    rows = re.search(rf"^  {re.escape(heading)}\n((?:    .*\n)+)", part, re.M).group(1)
    return [[float(v) for v in row.split()[2:]] for row in rows.splitlines()]


def test_given():
    """From what -v prints alone: a step of the LSTM forwards, the loss's part of its gradient, and the last dC with
    kappa."""
    out = run("explain", "lstm", "-v")
    sigma = lambda a: 1 / (1 + math.exp(-a))
    W, b = {g: printed(out, f"W_{g}") for g in "fiCo"}, {g: printed(out, f"b_{g}") for g in "fiCo"}
    h, C, kappa = printed(out, "h", 0), printed(out, "C", 0), printed(out, "κ")
    answer = {q["quantity"]: q for q in json.loads(run("explain", "lstm", "--json"))["quantities"]}
    for t in 1, 2, 3:
        x, G, Q = (printed(out, name, t) for name in ("x", "G", "Q"))
        for s in 0, 1:
            a = {g: [sum(w * v for w, v in zip(W[g][j], h[s] + x[s])) + sum(b[g][j]) for j in (0, 1)] for g in "fiCo"}
            C[s] = [sigma(a["f"][j]) * C[s][j] + sigma(a["i"][j]) * math.tanh(a["C"][j]) for j in (0, 1)]
            h[s] = [sigma(a["o"][j]) * math.tanh(C[s][j]) for j in (0, 1)]
            for j in 0, 1:
                at = (
                    re.search(rf"Sample {s + 1}\n.*?\n  h +1 ([^\n]*)\n +2 ([^\n]*)\n", out, re.S)
                    .group(j + 1)
                    .split()[t]
                )
                check(
                    math.isclose(h[s][j], float(at), rel_tol=1e-5, abs_tol=1e-6),
                    f"h_{t} of sample {s + 1}, unit {j + 1}",
                )
                check(math.isclose(h[s][j], answer["h"]["hand"][t][s][j], rel_tol=1e-9), "and to the digits of JSON")
                check(
                    math.isclose(G[s][j] + Q[s][j] * h[s][j], answer["ghat"]["hand"][t - 1][s][j], rel_tol=1e-9),
                    "g^ = G + Q h",
                )
                if t == 3:
                    dC = answer["dh"]["hand"][2][s][j] * sigma(a["o"][j]) * (1 - math.tanh(C[s][j]) ** 2) + kappa[s][j]
                    check(math.isclose(dC, answer["dC"]["hand"][2][s][j], rel_tol=1e-9), "dC_T has kappa")
    run("explain", "lstm", "--csv", "x.csv")
    data = table("x.csv")
    for name in "x", "W_f", "b_o", "G", "Q", "kappa":
        check(name in data and all(v[1] is not None for v in data[name].values()), f"{name} is in the CSV")
        check(answer[name]["tape"] and not answer[name]["formula"], f"{name} is in the JSON")
    check(
        math.isclose(data["W_C"][None, None, 2, 3][1], W["C"][1][2], rel_tol=1e-9), "CSV and -v have the same weights"
    )


def test_flow():
    found = {}
    for bias in 0, 3:
        answer = json.loads(run("explain", "lstm", "--steps", "50", "--hidden", "16", "--forget-bias", bias, "--json"))
        found[bias] = answer["flow"][0]["steps"][0]
        check(answer["numerical_sampled"] and answer["agrees"], "a large network is sampled and agrees")
        check("underestimates" in answer["flow"][0]["sentence"], "the sentence says what one sees")
    check(
        found[0]["norm_jacobian"] < 1e-4 and found[0]["norm_jacobian"] > 1e5 * found[0]["direct_product"],
        "bias 0: it vanishes; the product sees 1e-5 of it",
    )
    check(found[3]["norm_jacobian"] > 1, "bias 3: it lives")
    out = run(
        "explain",
        "gru-reset-before",
        "--steps",
        "50",
        "--hidden",
        "16",
        "--forget-bias",
        "0",
        "--gain",
        "6",
        says=["explodes", "Shortened"],
    )
    check(len(out.splitlines()) < 240, "a large network is shortened")
    run("explain", "gru", "--steps", "50", "--hidden", "16", "--forget-bias", "3", says=["max ∏ z", "only the first 2"])


class Page(html.parser.HTMLParser):
    """Every tag is closed in order, and nothing is fetched or run."""

    VOID = {"meta", "br", "hr", "img", "link", "input"}

    def __init__(self):
        super().__init__()
        self.open, self.tags = [], {}

    def handle_starttag(self, tag, attributes):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for name, value in attributes:
            check(
                name not in ("src", "href", "xlink:href") and not name.startswith("on"),
                f"the page refers to {name}={value}",
            )
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        check(self.open and self.open.pop() == tag, f"</{tag}> closes another tag")

    handle_startendtag = lambda self, tag, attributes: self.tags.__setitem__(tag, self.tags.get(tag, 0) + 1)


def test_page():
    for network, chosen in each(NETWORKS, ([], ["--steps", "30", "--hidden", "9"])):
        for sizes in chosen:
            run("explain", network, *sizes, "--html", "x.html", says="All .* agree")
            text = Path("x.html").read_text()
            page = Page()
            page.feed(text)
            check(not page.open, f"{network}: unclosed {page.open}")
            check("script" not in page.tags and "http" not in text, f"{network}: no scripts, no network")
            check(
                page.tags["svg"] > 8 and page.tags["math"] > 20 and page.tags["table"] > 8,
                f"{network}: pictures, formulas and tables {page.tags}",
            )
            check(
                "nan" not in text.lower().replace("-nan", "nan") and ">-<" not in text.replace("<td>-</td>", ""),
                f"{network}: no number is missing",
            )
            check("code" not in page.tags, f"{network}: every formula is read")
            for piece in text.split("<math")[1:]:
                ElementTree.fromstring("<math" + piece.split("</math>")[0] + "</math>")


def test_model():
    data = cli.series_file()
    run(*TRAIN, "--data", data, "--column", "value")
    model = "forecast/model.safetensors"
    run("explain", "lstm", "--model", model, status=2, says="name a series with --data")
    few = ["--model", model, "--data", data, "--column", "value"]
    told = cli.rows("forecast/predictions.csv")
    for at in 1, 7:
        answer = json.loads(run("explain", *few, "--at", at, "--json"))
        check(
            answer["steps"] == 6 and answer["hidden"] == 3 and answer["window"] == at and answer["agrees"],
            "the model's sizes",
        )
        check(
            math.isclose(answer["forecast"], float(told[at - 1]["prediction"]), rel_tol=1e-5),
            "the forecast is that of training",
        )
        check(
            math.isclose(answer["truth"], float(told[at - 1]["truth"]), rel_tol=1e-7), "the truth is that of the series"
        )
    run(
        "explain",
        "lstm",
        *few,
        "--html",
        "m.html",
        says=["trained forecaster", "window 1: forecast", "dp V|2\\(p - y\\) V", "All .* agree"],
    )
    run("explain", *few, "--at", "55", status=2, says="beyond the last of the series' 54 windows")
    run("explain", "gru", *few, status=2, says="is an lstm, not gru")
    run("explain", *few, "--steps", "7", status=2, says="leave --steps")
    run("explain", "--model", model, "--data", "nowhere.csv", status=2, says="nowhere.csv: cannot be read")
    run("explain", "--model", "nowhere", "--data", data, status=2, says="nowhere")
    run("explain", "--model", data, "--data", data, status=2, says=data)
    run("explain", *few, "--csv", data, status=2, says="would overwrite")
    run("explain", *few, "--html", model, status=2, says="would overwrite")
    Path("short.csv").write_text("1\n2\n")
    run("explain", "--model", model, "--data", "short.csv", status=2, says="windows of 6 values .* only 2")
    run(*TRAIN)
    run("explain", "--model", model, says="All .* agree")


if __name__ == "__main__":
    for name in [name for name in vars(cli) if name.startswith("test_")]:
        delattr(cli, name)
    vars(cli).update({name: test for name, test in globals().items() if name.startswith("test_")})
    sys.exit(cli.main())
