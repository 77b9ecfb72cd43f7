#!/usr/bin/env python3
"""book_rewrites.py EDDY FOLDER [--every N | --sample N] [--only KIND] [-v]

Every true formula of the book and of its derivations from elsewhere is written in other ways that keep its meaning; no
such rewrite may be accused, and nearly all must hold. Every false one (planted, or a true one with its right side times
1.01) is written in the same ways, and none may hold. --every N takes one in N of the documents' rewrites;
--sample N too, unless EDDY_TEST_ALL is set.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from latex_names import GREEK, TEXTS, Symbol, each_symbol, group_end, parse, render, tokens


class Document:
    def __init__(self, path, eddy):
        self.path = path
        text = path.read_text(encoding="utf-8")
        found = findings(eddy, text)
        parts = []
        for m in re.finditer(r"<!-- eddy\n(.*?)-->", text, re.DOTALL):
            parts.append((text.count("\n", 0, m.start()) + 1, "setup", m.group(1), None))
        for f in found:
            if re.match(r"(setup|library [\w-]+|loss), line \d+$", f["id"]) or re.search(r" \(\d+\)$", f["id"]):
                continue
            parts.append((f["line"], "formula", f["source"], f))
        parts.sort(key=lambda p: p[0])
        self.parts = []
        for _, kind, source, f in parts:
            if self.parts and kind == "formula" and self.parts[-1][1] == source and self.parts[-1][2] is f:
                continue
            self.parts.append((kind, source, f))

    def text(self, setup=lambda s: s, formula=lambda s, f: s):
        out, count = [], 0
        for kind, source, f in self.parts:
            if kind == "setup":
                out.append("<!-- eddy\n" + setup(source).rstrip("\n") + "\n-->\n")
            else:
                out.append("$$" + formula(source, f).strip() + " \\tag{R%d}$$\n" % count)
                count += 1
        return "\n".join(out)

    def formulas(self):
        return [(source, f) for kind, source, f in self.parts if kind == "formula"]

    def letters(self):
        used = set()
        for _, source, _ in self.parts:
            used.update(tokens(source))
        return used


def findings(eddy, text):
    with tempfile.NamedTemporaryFile("w", suffix=".md", delete=False, encoding="utf-8") as file:
        file.write(text)
    run = subprocess.run([eddy, "check", "--quick", "--json", file.name], capture_output=True, text=True, check=False)
    os.unlink(file.name)
    if not run.stdout:
        sys.exit(f"eddy check said nothing: {run.stderr}")
    return json.loads(run.stdout)["findings"]


# ---- Setups: words of at least two letters are the language's ----


def setup_math(line, change):
    """Applies `change` to what is math in a line of a setup."""
    comment = line.find("#")
    line = line if comment < 0 else line[:comment]
    words = r"(?<![\\A-Za-z])(?:[a-z][a-z-]+|a one)(?![A-Za-z}])"
    out, at = "", 0
    for m in re.finditer(words, line):
        out += (change(line[at : m.start()]) if line[at : m.start()].strip() else line[at : m.start()]) + m.group()
        at = m.end()
    rest = line[at:]
    return out + (change(rest) if rest.strip() else rest)


def setup_lines(text, change):
    return "\n".join(setup_math(line, change) for line in text.split("\n"))


def size_letters(document):
    found = {"T", "B", "I", "H"}
    for kind, source, _ in document.parts:
        if kind == "setup":
            for m in re.finditer(r"^\s*sizes (.*)$", source, re.MULTILINE):
                found.update(w.split("=")[0] for w in m.group(1).split())
    return found


def labels_of(document):
    found = set()
    for kind, source, _ in document.parts:
        if kind == "setup":
            for m in re.finditer(r"^\s*labels (\S+) (?:=|in) (.*)$", source, re.MULTILINE):
                found.add(m.group(1))
                found.update(re.split(r"[,\s]+", m.group(2).strip()))
    return {l for l in found if re.fullmatch(r"[A-Za-z]", l)}


# ---- Rewrites of a whole document: (setup, formula) ----


def renamed(document):
    used = document.letters()
    keep = set("tTBbdeIRxijklmnsfgF")
    target = {
        "small": [c for c in "upqvwyzrac" if c not in used],
        "large": [c for c in "KMNPQSXYZUVWD" if c not in used],
        "greek": [c for c in ["\\xi", "\\nu", "\\omega", "\\rho", "\\chi", "\\lambda", "\\psi"] if c not in used],
    }
    names = {}
    for token in sorted(used):
        kind = "small" if re.fullmatch("[a-z]", token) else "large" if re.fullmatch("[A-Z]", token) else "greek"
        if token in keep or (kind == "greek" and (token not in GREEK or token in ("\\delta", "\\phi", "\\psi"))):
            continue
        if target[kind]:
            names[token] = target[kind].pop()

    def change(text):
        out, t, i = [], tokens(text), 0
        while i < len(t):
            if t[i] in TEXTS:
                end = group_end(t, i + 1)
                out += t[i:end]
                i = end
                continue
            new = names.get(t[i], t[i])
            if out and re.search(r"\\[A-Za-z]+$", out[-1]) and re.match("[A-Za-z]", new):
                out.append(" ")
            out.append(new)
            i += 1
        return "".join(out)

    return lambda s: setup_lines(s, change), lambda s, f: change(s)


def styled(style):
    def make(document):
        plain = size_letters(document) | set("tjkibln")

        def change(n):
            if not n.before and re.fullmatch("[A-Za-z]", n.base) and n.base not in plain:
                n.base = style + "{" + n.base + "}"
            return n

        return lambda s: s, lambda s, f: each_symbol(s, change)

    return make


def accented(document):
    used = document.letters()
    pairs = [("\\tilde", "\\bar"), ("\\hat", "\\check")]

    def change(text):
        for old, new in pairs:
            if new not in used:
                text = re.sub(re.escape(old) + r"(?![A-Za-z])", lambda m: new, text)
        return text

    return lambda s: change(s), lambda s, f: change(s)


def raised_labels(form):
    def make(document):
        labels = labels_of(document)

        def change(n):
            parts = [p.strip() for p in (n.sub or "").split(",")]
            if n.sub is None or n.sup is not None or parts[0] not in labels or (len(parts) > 1 and "t" not in n.sub):
                return n
            return Symbol(n.before, n.base, ",".join(parts[1:]) or None, form % parts[0], n.primes)

        # a name with an exponent keeps its labels below: both are one quantity
        return lambda s: s, lambda s, f: each_symbol(s, change)

    return make


TIME = re.compile(r"t|T|0|t\s*[-+]\s*1|T\s*[-+]\s*1|1|\\tau")


def raised_time(form, setup_too=True):
    def make(document):
        timed = set()

        def note(n):
            parts = [p.strip() for p in (n.sub or "").split(",")]
            if any(re.search(r"(?<![A-Za-z\\])t(?![A-Za-z])", p) for p in parts):
                timed.add((re.sub(r"\\mathrm\s*\{?d\}?\s*", "", n.before).strip(), n.base))
            return n

        for _, source, _ in document.parts:
            for line in source.split("\n"):
                each_symbol(line, note)

        def change(n):
            key = (re.sub(r"\\mathrm\s*\{?d\}?\s*", "", n.before).strip(), n.base)
            parts = [p.strip() for p in (n.sub or "").split(",")]
            times = [p for p in parts if TIME.fullmatch(p)]
            if n.sub is None or key not in timed or len(times) != 1:
                return n
            rest = ",".join(p for p in parts if p != times[0]) or None
            raised = Symbol(n.before, n.base, rest, form % times[0], n.primes)
            if n.sup is not None:
                return Symbol("", "{" + raised.text() + "}", None, n.sup, "")
            return raised

        def deep(text):
            return each_symbol(text, change)

        return (lambda s: setup_lines(s, deep)) if setup_too else (lambda s: s), lambda s, f: deep(s)

    return make


def replaced(old, new):
    return lambda document: (lambda s: s, lambda s, f: re.sub(old, lambda m: new, s))


def dotted(document):
    """W h -> W \\cdot h"""
    plain = size_letters(document)

    def change(text):
        nodes, out = parse(text), []
        for i, n in enumerate(nodes):
            out.append(n)
            after = [k for k in nodes[i + 1 : i + 3] if not (isinstance(k, str) and k.isspace())]
            before = nodes[i - 1] if i else ""
            if (
                isinstance(n, Symbol)
                and after
                and isinstance(after[0], Symbol)
                and n.base not in plain
                and not n.primes
                and not re.search(r"\\(nabla|sum|prod|max|min)\b", str(before))
                and not str(before).startswith(("\\partial", "\\mathrm", "\\nabla"))
                and not (i > 1 and str(nodes[i - 2]).startswith("\\partial"))
            ):
                out.append(" \\cdot ")
        return render(out)

    return lambda s: s, lambda s, f: change(s)


# ---- Rewrites of single claims: a text, or None ----


def top_level(text, wanted):
    """Places of tokens among `wanted` outside of all brackets."""
    places, depth, at = [], 0, 0
    for token in tokens(text):
        if token in "([{" or token in ("\\{", "\\langle", "\\lVert") or token.startswith("\\begin"):
            depth += 1
        elif token in ")]}" or token in ("\\}", "\\rangle", "\\rVert") or token.startswith("\\end"):
            depth -= 1
        elif token in wanted and depth == 0:
            places.append((at, token))
        at += len(token)
    return places


RELATIONS = {"=", "<", ">", "\\le", "\\ge", "\\leq", "\\geq", "\\ne", "\\in", "\\approx", "\\leftarrow", ":"}


def split(text):
    """left, right, what follows; None for anything but one equation."""
    if any(word in text for word in ("\\quad", "\\qquad", "\\big|", "\\text", "\\begin", "\\\\", "&", "\\bigr|")):
        return None
    places = top_level(text, RELATIONS)
    if len(places) != 1 or places[0][1] != "=" or top_level(text, {"|", "\\|", ","}):
        return None
    at = places[0][0]
    left, right = text[:at].strip(), text[at + 1 :].strip().rstrip(".,; ")
    return (left, right) if left and right else None


def claims_only(change):
    def formula(source, f):
        sides = split(source) if f["verdict"] not in ("DEFINES", "DECLARES", "NOT READ") else None
        new = change(*sides) if sides else None
        return new or source

    return lambda document: (lambda s: s, formula)


def swapped(left, right):
    return f"{right} = {left}" if right != "0" else None


def negated(left, right):
    return f"-\\left({left}\\right) = -\\left({right}\\right)" if "0" not in (left, right) else None


def to_left(left, right):
    return f"\\left({left}\\right) - \\left({right}\\right) = 0" if "0" not in (left, right) else None


def to_right(left, right):
    return f"0 = \\left({right}\\right) - \\left({left}\\right)" if "0" not in (left, right) else None


def doubled(left, right):
    return f"2 \\left({left}\\right) = \\left({right}\\right) + \\left({right}\\right)" if right != "0" else None


def transposed(left, right):
    return f"\\left({left}\\right)^\\top = \\left({right}\\right)^\\top" if right != "0" else None


def permuted_factors(left, right):
    """a \\odot b -> b \\odot a, where a side's terms are such products only."""
    out, at, changed = "", 0, False
    terms = top_level(right, {"+", "-"}) + [(len(right), "")]
    for place, sign in terms:
        term = right[at:place]
        joints = top_level(term, {"\\odot"})
        if joints and not re.match(r"\s*\\sum", term):
            pieces, start = [], 0
            for where, token in joints + [(len(term), "")]:
                pieces.append(term[start:where].strip())
                start = where + len(token)
            if all(pieces):
                term, changed = " " + " \\odot ".join(reversed(pieces)) + " ", True
        out += term + sign
        at = place + len(sign)
    return f"{left} = {out}" if changed else None


def permuted_terms(left, right):
    places = top_level(right, {"+"})
    if len(places) != 1 or top_level(right, {"-"}):
        return None
    first, second = right[: places[0][0]].strip(), right[places[0][0] + 1 :].strip()
    return f"{left} = {second} + {first}" if first and second else None


def substituted(body, letter, number):
    def value(m):
        shift = int((m.group(2) or "+0").replace(" ", ""))
        return str(number + shift)

    return re.sub(r"(?<![A-Za-z\\])%s(?![A-Za-z])(\s*([-+]\s*\d+))?" % letter, value, body)


def expanded(document):
    """sum_{t=1}^T -> three terms, with T = 3."""

    def setup(s):
        return re.sub(r"^(\s*sizes .*?)\bT\b(?!=)", r"\1T=3", s, flags=re.MULTILINE)

    def formula(source, f):
        sides = split(source) if f["verdict"] == "HOLDS" else None
        m = re.match(r"\\sum_(?:\{t\s*=\s*1\}\^(?:\{T\}|T)|t|\{t\})(?![A-Za-z])\s*", sides[1]) if sides else None
        if (
            not m
            or top_level(sides[1][m.end() :], {"+", "-"})
            or re.search(r"\\sum|softmax\}_", sides[1][m.end() :])
            or "t" in sides[0]
        ):
            return source
        terms = [substituted(sides[1][m.end() :], "t", k) for k in (1, 2, 3)]
        return sides[0] + " = " + " + ".join(terms)

    return setup, formula


def inline_derivatives(document):
    old = r"\\frac\{\\partial ([^{}]+(?:\{[^{}]*\})?[^{}]*)\}\{\\partial ([^{}]+(?:\{[^{}]*\})?[^{}]*)\}"
    return lambda s: s, lambda s, f: re.sub(old, r"(\\partial \1 / \\partial \2)", s) if "|" not in s else s


KINDS = {
    "renamed": renamed,
    "bold": styled("\\mathbf"),
    "bold symbol": styled("\\boldsymbol"),
    "italic": styled("\\mathit"),
    "other accents": accented,
    "labels above": raised_labels("%s"),
    "labels above, in brackets": raised_labels("(%s)"),
    "time above, (t)": raised_time("(%s)"),
    "time above, <t>": raised_time("\\langle %s \\rangle"),
    "* for \\odot": replaced(r"\\odot(?![A-Za-z])", "*"),
    "\\circ for \\odot": replaced(r"\\odot(?![A-Za-z])", "\\circ"),
    "\\cdot between factors": dotted,
    "sides swapped": claims_only(swapped),
    "sides negated": claims_only(negated),
    "all on the left": claims_only(to_left),
    "all on the right": claims_only(to_right),
    "doubled": claims_only(doubled),
    "sides transposed": claims_only(transposed),
    "factors permuted": claims_only(permuted_factors),
    "terms permuted": claims_only(permuted_terms),
    "sums written out": expanded,
    "derivatives on a line": inline_derivatives,
}


def scaled(source, f):
    """A true equation becomes a false one."""
    sides = split(source) if f["verdict"] == "HOLDS" else None
    return f"{sides[0]} = 1.01 \\left({sides[1]}\\right)" if sides and sides[1] != "0" else None


def run_kind(eddy, document, kind, false):
    setup, formula = KINDS[kind](document)
    wanted, count = {}, [0]

    def rewritten(source, f):
        tag = "R%d" % count[0]
        count[0] += 1
        planted = f["verdict"] in ("FAILS", "HOLDS IF")
        base = source
        if false and not planted:
            base = scaled(source, f)
            if base is None:
                return formula(source, f)
        new = formula(base, f)
        if new != base and (f["verdict"] == "HOLDS" or (false and planted)):
            wanted[tag] = (f, new)
        return new

    text = document.text(setup, rewritten)
    if not wanted:
        return []
    results = []
    for f in findings(eddy, text):
        tag = re.sub(r" \(\d+\)$", "", f["id"])
        if tag in wanted:
            results.append((document.path.name, kind, wanted[tag][0]["id"], wanted[tag][1], f))
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("eddy")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--sample", type=int, default=1)
    parser.add_argument("--only", choices=list(KINDS))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("-v", action="store_true", help="print every rewrite that does not hold")
    arguments = parser.parse_args()
    paths = [p for p in sorted(arguments.folder.glob("*.md")) + sorted(arguments.folder.glob("elsewhere/*.md"))]
    documents = [Document(p, arguments.eddy) for p in paths if p.name != "README.md"]
    work = [(d, k, false) for d in documents for k in KINDS for false in (False, True) if arguments.only in (None, k)]
    every = arguments.every if os.environ.get("EDDY_TEST_ALL") else max(arguments.every, arguments.sample)
    work = [w for i, w in enumerate(work) if i % every == 0]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        done = list(pool.map(lambda w: (w[2], run_kind(arguments.eddy, *w)), work))

    true = [r for false, results in done if not false for r in results]
    wrong = [r for false, results in done if false for r in results]
    table, causes, accused = collections.defaultdict(collections.Counter), collections.Counter(), []
    for name, kind, tag, source, f in true:
        table[kind][f["verdict"]] += 1
        if f["verdict"] == "NOT READ":
            summary = f["summary"]["text"] if f["summary"] else ""
            causes[re.sub(r"\S*[^\x00-\x7f]\S*|\"[^\"]*\"", "..", summary)[:110]] += 1
        elif f["verdict"] != "HOLDS":
            accused.append((name, kind, tag, source, f))
        if arguments.v and f["verdict"] != "HOLDS":
            print(f"{name} {tag} [{kind}] {f['verdict']}: {f['summary']['text'] if f['summary'] else ''}\n    {source}")
    for kind in KINDS:
        if table[kind]:
            counts = ", ".join(f"{v} {n}" for v, n in sorted(table[kind].items()))
            print(f"{kind:28} {sum(table[kind].values()):5}: {counts}")
    holds = sum(c["HOLDS"] for c in table.values())
    print(f"{len(true)} rewrites of true formulas: {holds} hold ({100 * holds / max(1, len(true)):.1f}%)")
    for cause, n in causes.most_common():
        print(f"  not read {n:4}: {cause}")
    for name, kind, tag, source, f in accused:
        print(
            f"ACCUSED {name} {tag} [{kind}] {f['verdict']}: {f['summary']['text'] if f['summary'] else ''}\n"
            f"    {source}"
        )
    passed = [r for r in wrong if r[4]["verdict"] in ("HOLDS", "DEFINES")]
    print(f"{len(wrong)} rewrites of false formulas: {len(passed)} pass")
    for name, kind, tag, source, f in passed:
        print(f"PASSED {name} {tag} [{kind}] {f['verdict']}\n    {source}")
    return 1 if accused or passed or holds < 0.98 * len(true) else 0


if __name__ == "__main__":
    sys.exit(main())
