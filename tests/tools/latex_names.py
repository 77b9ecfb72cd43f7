"""Formulas in LaTeX as tokens and as names with their scripts, so that a test can write them otherwise."""
import re

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
ACCENTS = {"\\tilde", "\\hat", "\\bar", "\\check", "\\overrightarrow", "\\overleftarrow", "\\vec", "\\dot"}
FONTS = {"\\mathbf", "\\boldsymbol", "\\mathrm", "\\mathit", "\\mathcal", "\\mathbb", "\\bm"}
TEXTS = {"\\text", "\\mathrm", "\\operatorname", "\\tag", "\\begin", "\\end", "\\label"}
GREEK = {
    "\\" + name
    for name in "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi rho tau phi varphi chi "
    "psi omega Gamma Delta Theta Lambda Omega".split()
}


def tokens(text):
    return TOKEN.findall(text)


def group_end(t, i):
    """The place after the group, letter, digit or command at i."""
    while i < len(t) and t[i].isspace():
        i += 1
    if i >= len(t):
        return i
    if t[i] != "{":
        return i + 1 if t[i] not in ACCENTS | FONTS else group_end(t, i + 1)
    depth = 0
    for k in range(i, len(t)):
        depth += (t[k] == "{") - (t[k] == "}")
        if not depth:
            return k + 1
    return len(t)


def inner(text):
    text = text.strip()
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text


class Symbol:
    """A name with its accents, subscript and superscript, as texts."""

    def __init__(self, before, base, sub, sup, primes):
        self.before, self.base, self.sub, self.sup, self.primes = before, base, sub, sup, primes

    def text(self):
        out = self.before + self.base + self.primes
        if self.sub is not None:
            out += "_{" + self.sub + "}" if len(self.sub) > 1 else "_" + self.sub
        if self.sup is not None:
            out += "^{" + self.sup + "}" if len(self.sup) > 1 else "^" + self.sup
        return out


def parse(text):
    """Symbols and other tokens; what stands in groups of other commands stays one level flat."""
    t, out, i = tokens(text), [], 0
    while i < len(t):
        if t[i] in TEXTS and not (t[i] == "\\mathrm" and inner("".join(t[i + 1 : group_end(t, i + 1)])) == "d"):
            end = group_end(t, i + 1)
            out.append("".join(t[i:end]))
            i = end
            continue
        start = i
        while i < len(t) and (t[i] in ACCENTS or t[i] in FONTS):
            if t[i] == "\\mathrm":
                i = group_end(t, i + 1)
            else:
                i += 1
            while i < len(t) and t[i].isspace():
                i += 1
        grouped = i > start and i < len(t) and t[i] == "{"
        if i < len(t) and (re.fullmatch("[A-Za-z]", t[i]) or t[i] in GREEK or grouped):
            end = group_end(t, i)
            before, base = "".join(t[start:i]), "".join(t[i:end])
            sub = sup = None
            primes = ""
            i = end
            while i < len(t) and t[i] == "'":
                primes += "'"
                i += 1
            while i < len(t) and t[i] in "_^":
                end = group_end(t, i + 1)
                part = inner("".join(t[i + 1 : end]))
                if t[i] == "_" and sub is None:
                    sub = part
                elif t[i] == "^" and sup is None:
                    sup = part
                else:
                    break
                i = end
            out.append(Symbol(before, base, sub, sup, primes))
            continue
        if i > start:
            out.append("".join(t[start:i]))
            continue
        operator = t[i] in ("\\sum", "\\prod", "\\max", "\\min", "\\nabla", "\\big", "\\|") or t[i] in ")]"
        i += 1
        while operator and i < len(t) and t[i] in "_^" and t[i - 1] not in ")]":  # their bounds are no names
            i = group_end(t, i + 1)
        out.append("".join(t[start:i]))
    return out


def render(nodes):
    out = ""
    for n in nodes:
        piece = n if isinstance(n, str) else n.text()
        if out and re.search(r"\\[A-Za-z]+$", out) and re.match("[A-Za-z]", piece):
            out += " "
        out += piece
    return out


def each_symbol(text, change):
    return render([n if isinstance(n, str) else change(n) for n in parse(text)])


# ---- Documents ----
