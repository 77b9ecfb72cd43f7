"""Which formulas of tests/documents are true, found without the checker: both sides in NumPy, derivatives by the
complex step.

python3 tests/golden/documents.py compares what it finds with the annotations of cs224n.md (the recurrent part),
goodfellow.md and translation.md (the unit), nielsen.md, cho.md, werbos.md, concat.md, thread.md, lru.md, gru_zh.md,
handout.md, costates.md, alignment.md, tokens.md, heads.md, lecture.md, gates.md, bounds.md and scratch.md. It is run by
hand, as make.py is."""

import pathlib
import re
import sys

import numpy as np
from documents_cells import bounds, gates, lecture, scratch
from documents_net import draw, gru, H, I, K, lstm, Net, rng, same, sigmoid, softmax, T
from documents_steps import alignment, costates, handout, heads, tokens


def cs224n():
    p = dict(Wh=draw(H, H), We=draw(I, H), U=draw(H, K), b1=draw(H), b2=draw(K), h0=draw(H), e=draw(T + 1, I))
    y = np.eye(K)[rng.integers(K, size=T + 1)]

    def forward(p, put):
        h = put("h", 0, p["h0"])
        for t in range(1, T + 1):
            e = put("e", t, p["e"][t])
            v = put("v", t, h @ put("Wh", t, p["Wh"]) + e @ put("We", t, p["We"]) + p["b1"])
            h = put("h", t, sigmoid(v))
            theta = put("theta", t, h @ p["U"] + p["b2"])
            put("J", t, -(y[t] * np.log(softmax(theta))).sum())

    n = Net(forward, p)
    true = {}
    for t in range(1, T + 1):
        v, J = n.value, ("J", t)
        d1 = softmax(v["theta", t]) - y[t]
        d2 = d1 @ p["U"].T * v["h", t] * (1 - v["h", t])
        claims = {
            "3.4": (n.d(J, "theta", t), d1),
            "3.5": (n.d(J, "v", t), d2),
            "3.6": (n.d(J, "U"), np.outer(v["h", t], d1)),
            "3.7": (n.d(J, "b2"), d1),
            "3.8": (n.d(J, "e", t), d2 @ p["We"].T),
            "3.9": (n.d(J, "We", t), np.outer(p["e"][t], d2)),
            "3.10": (n.d(J, "Wh", t), np.outer(v["h", t - 1], d2)),
            "3.11": (n.d(J, "h", t - 1), d2 @ p["Wh"].T),
            "3.9 student": (n.d(J, "We"), np.outer(p["e"][t], d2)),
        }
        if t >= 2:
            s = v["h", t - 1] * (1 - v["h", t - 1])
            claims["3.12"] = (n.d(J, "Wh", t - 1), np.outer(v["h", t - 2], d2 @ p["Wh"].T * s))
        for name, sides in claims.items():
            true[name] = true.get(name, True) and same(*sides)
    return true


def goodfellow():
    p = dict(U=draw(H, I), W=draw(H, H), V=draw(K, H), b=draw(H), c=draw(K), h0=draw(H))
    x, y = draw(T + 1, I), np.eye(K)[rng.integers(K, size=T + 1)]

    def forward(p, put):
        h, loss = put("h", 0, p["h0"]), 0
        for t in range(1, T + 1):
            h = put("h", t, np.tanh(p["b"] + p["W"] @ h + p["U"] @ x[t]))
            o = put("o", t, p["c"] + p["V"] @ h)
            loss = loss - (y[t] * np.log(softmax(o))).sum()
        put("L", 0, loss)

    n = Net(forward, p)
    L, v, steps = ("L", 0), n.value, range(1, T + 1)
    do = {t: n.d(L, "o", t) for t in steps}
    dh = {t: n.d(L, "h", t) for t in steps}
    slope = {t: 1 - v["h", t] ** 2 for t in steps}
    before = [t for t in steps if t < T]
    return {
        "10.18": all(same(do[t], softmax(v["o", t]) - y[t]) for t in steps),
        "10.19": same(dh[T], p["V"].T @ do[T]),
        "10.21": all(same(dh[t], p["W"].T @ (slope[t + 1] * dh[t + 1]) + p["V"].T @ do[t]) for t in before),
        "10.22": same(n.d(L, "c"), sum(do.values())),
        "10.23": same(n.d(L, "b"), sum(slope[t] * dh[t] for t in steps)),
        "10.24": same(n.d(L, "V"), sum(np.outer(do[t], v["h", t]) for t in steps)),
        "10.26": same(n.d(L, "W"), sum(np.outer(slope[t] * dh[t], v["h", t - 1]) for t in steps)),
        "10.28": same(n.d(L, "U"), sum(np.outer(slope[t] * dh[t], x[t]) for t in steps)),
        "10.28 wrong": H == K and same(n.d(L, "U"), sum(np.outer(slope[t] * do[t], x[t]) for t in steps)),
    }


def translation():
    names = ("W", "Wz", "Wr"), ("U", "Uz", "Ur"), ("b", "bz", "br", "bu")
    p = {n: draw(H, I) for n in names[0]} | {n: draw(H, H) for n in names[1]} | {n: draw(H) for n in names[2]}
    p["s0"] = draw(H)
    x, k = draw(T + 1, I), draw(T + 1, H)

    def forward(p, put):
        s, loss = put("s", 0, p["s0"]), 0
        for t in range(1, T + 1):
            z = put("z", t, sigmoid(p["Wz"] @ x[t] + p["Uz"] @ s + p["bz"]))
            r = put("r", t, sigmoid(p["Wr"] @ x[t] + p["Ur"] @ s + p["br"]))
            q = put("q", t, p["U"] @ s + p["bu"])
            a = put("a", t, p["W"] @ x[t] + p["b"] + r * q)
            s = put("s", t, (1 - z) * s + z * np.tanh(a))
            loss = loss + (np.sin(k[t] * s)).sum()
        put("L", 0, loss)

    n = Net(forward, p)
    L, v, steps = ("L", 0), n.value, range(1, T + 1)
    d = {q: {t: n.d(L, q, t) for t in steps} for q in "szraq"}
    tilde = {t: np.tanh(v["a", t]) for t in steps}
    return {
        "dz": all(same(d["z"][t], d["s"][t] * (tilde[t] - v["s", t - 1])) for t in steps),
        "da": all(same(d["a"][t], d["s"][t] * v["z", t] * (1 - tilde[t] ** 2)) for t in steps),
        "dq": all(same(d["q"][t], v["r", t] * d["a"][t]) and same(d["r"][t], v["q", t] * d["a"][t]) for t in steps),
        "db": same(n.d(L, "b"), sum(d["a"].values())) and same(n.d(L, "bu"), sum(d["q"].values())),
        "db before reset": same(n.d(L, "bu"), sum(d["a"].values())),
        "dU": same(n.d(L, "U"), sum(np.outer(d["a"][t] * v["r", t], v["s", t - 1]) for t in steps)),
        "dU other": same(n.d(L, "U"), sum(np.outer(d["a"][t], v["r", t] * v["s", t - 1]) for t in steps)),
        "dWz": same(n.d(L, "Wz"), sum(np.outer(d["z"][t] * v["z", t] * (1 - v["z", t]), x[t]) for t in steps)),
    }


def nielsen():
    """Layers are steps of the net, with weights of their own."""
    N = 4
    p = {f"{n}{l}": draw(N, N) if n == "w" else draw(N) for n in "wb" for l in (1, 2, 3)}
    a0, y = draw(N), draw(N)

    def forward(p, put):
        a = put("a", 0, a0)
        for l in (1, 2, 3):
            z = put("z", l, p[f"w{l}"] @ a + p[f"b{l}"])
            a = put("a", l, sigmoid(z))
        put("C", 0, ((y - a) ** 2).sum() / 2)

    n = Net(forward, p)
    C, v = ("C", 0), n.value
    delta = {l: n.d(C, "z", l) for l in (1, 2, 3)}
    slope = {l: v["a", l] * (1 - v["a", l]) for l in (1, 2, 3)}
    da3, w = n.d(C, "a", 3), {l: p[f"w{l}"] for l in (1, 2, 3)}
    chain = np.diag(slope[1]) @ w[2].T @ np.diag(slope[2]) @ w[3].T @ np.diag(slope[3]) @ da3
    return {
        "BP1": same(delta[3], da3 * slope[3]),
        "30": same(delta[3], (v["a", 3] - y) * slope[3]),
        "30 sign": same(delta[3], (y - v["a", 3]) * slope[3]),
        "BP2": all(same(delta[l], w[l + 1].T @ delta[l + 1] * slope[l]) for l in (1, 2)),
        "45": same(delta[2], w[3].T @ delta[3] * slope[2]),
        "45 rows": same(delta[2], w[3] @ delta[3] * slope[2]),
        "BP3": all(same(n.d(C, f"b{l}"), delta[l]) for l in (1, 2, 3)),
        "BP4": all(same(n.d(C, f"w{l}"), np.outer(delta[l], v["a", l - 1])) for l in (1, 2, 3)),
        "BP4 late": all(same(n.d(C, f"w{l}"), np.outer(delta[l], v["a", l])) for l in (1, 2, 3)),
        "BP4a": all(same(n.d(C, f"w{l}"), np.outer(delta[l], v["a", l - 1])) for l in (1, 2, 3)),
        "47": same(delta[1], chain),
    }


def cho():
    p = {n: draw(H, I) for n in ("W", "Wr", "Wz")} | {n: draw(H, H) for n in ("U", "Ur", "Uz")} | {"h0": draw(H)}
    x, k = draw(T + 1, I), draw(T + 1, H)

    def forward(p, put):
        h, loss = put("h", 0, p["h0"]), 0
        for t in range(1, T + 1):
            r = put("r", t, sigmoid(p["Wr"] @ x[t] + p["Ur"] @ h))
            z = put("z", t, sigmoid(p["Wz"] @ x[t] + p["Uz"] @ h))
            c = put("c", t, np.tanh(p["W"] @ x[t] + p["U"] @ (r * h)))
            h = put("h", t, z * h + (1 - z) * c)
            loss = loss + (np.sin(k[t] * h)).sum()
        put("L", 0, loss)

    n = Net(forward, p)
    L, v, steps = ("L", 0), n.value, range(1, T + 1)
    d = {q: {t: n.d(L, q, t) for t in steps} for q in "hzrc"}
    dc = {t: d["c"][t] * (1 - v["c", t] ** 2) for t in steps}
    return {
        "z": all(same(d["z"][t], d["h"][t] * (v["h", t - 1] - v["c", t])) for t in steps),
        "z of the other variant": all(same(d["z"][t], d["h"][t] * (v["c", t] - v["h", t - 1])) for t in steps),
        "cand": all(same(d["c"][t], d["h"][t] * (1 - v["z", t])) for t in steps),
        "r": all(same(d["r"][t], v["h", t - 1] * (p["U"].T @ dc[t])) for t in steps),
        "U": same(n.d(L, "U"), sum(np.outer(dc[t], v["r", t] * v["h", t - 1]) for t in steps)),
        "U before the reset": same(n.d(L, "U"), sum(np.outer(dc[t], v["h", t - 1]) for t in steps)),
        "Wz": same(n.d(L, "Wz"), sum(np.outer(d["z"][t] * v["z", t] * (1 - v["z", t]), x[t]) for t in steps)),
        "Ur": same(n.d(L, "Ur"), sum(np.outer(d["r"][t] * v["r", t] * (1 - v["r", t]), v["h", t - 1]) for t in steps)),
    }


def werbos():
    N = 4
    p = dict(W=draw(N, N), R=draw(N, N), x0=draw(N))
    X, Y = draw(T + 1, N), draw(T + 1, N)

    def forward(p, put):
        x, error = put("x", 0, p["x0"]), 0
        for t in range(1, T + 1):
            net = put("net", t, p["W"] @ X[t] + p["R"] @ x)
            x = put("x", t, sigmoid(net))
            error = error + ((x - Y[t]) ** 2).sum() / 2
        put("E", 0, error)

    n = Net(forward, p)
    E, v, steps = ("E", 0), n.value, range(1, T + 1)
    F = {q: {t: n.d(E, q, t) for t in steps} | {T + 1: np.zeros(N)} for q in ("x", "net")}
    slope = {t: v["x", t] * (1 - v["x", t]) for t in steps}
    error = {t: v["x", t] - Y[t] for t in steps}
    return {
        "Fx": all(same(F["x"][t], error[t] + p["R"].T @ F["net"][t + 1]) for t in steps),
        "Fx rows": all(same(F["x"][t], error[t] + p["R"] @ F["net"][t + 1]) for t in steps),
        "Fnet": all(same(F["net"][t], slope[t] * F["x"][t]) for t in steps),
        "Fnet late": all(same(F["net"][t], slope[t] * error[t] + F["net"][t + 1]) for t in steps),
        "FW": same(n.d(E, "W"), sum(np.outer(F["net"][t], X[t]) for t in steps)),
        "FWp": same(n.d(E, "R"), sum(np.outer(F["net"][t], v["x", t - 1]) for t in steps)),
        "FWp shifted": same(n.d(E, "R"), sum(np.outer(F["net"][t], v["x", t - 1]) for t in steps if t > 1)),
    }


def concat():
    n, v, d, steps, y = lstm()
    L, p = ("L", 0), n.parameters
    through = {t: d["h"][t] * v["o", t] * (1 - np.tanh(v["C", t]) ** 2) for t in steps}

    def each(sides):
        return all(same(*sides(t)) for t in steps)

    def weight(g, z=0):
        return sum(np.outer(d["net" + g][t], v["z", t - z] if t > z else np.zeros(H + I)) for t in steps)

    return {
        "1": each(lambda t: (d["v"][t], softmax(v["v", t]) - y[t])),
        "3": each(lambda t: (d["h"][t], p["V"].T @ d["v"][t] + d["z"][t + 1][:H])),
        "6": each(lambda t: (d["C"][t], through[t] + d["C"][t + 1] * v["f", t])),
        "7": each(lambda t: (d["a"][t], d["C"][t] * v["i", t])),
        "8": each(lambda t: (d["neta"][t], d["C"][t] * v["i", t] * (1 - v["a", t] ** 2))),
        "9": each(lambda t: (d["i"][t], d["C"][t] * v["a", t])),
        "10": each(lambda t: (d["neti"][t], d["C"][t] * v["a", t] * v["i", t] * (1 - v["i", t]))),
        "11": each(lambda t: (d["f"][t], d["C"][t] * v["C", t - 1])),
        "12": each(lambda t: (d["netf"][t], d["C"][t] * v["C", t] * v["f", t] * (1 - v["f", t]))),
        "13": each(lambda t: (d["z"][t], sum(p["W" + g].T @ d["net" + g][t] for g in "fiao"))),
        "14": all(same(d["C"][t - 1], d["C"][t] * v["f", t]) for t in steps if t > 1),
        "15": same(n.d(L, "Wf"), weight("f")) and same(n.d(L, "bf"), sum(d["netf"][t] for t in steps)),
        "16": same(n.d(L, "Wi"), weight("i")) and same(n.d(L, "bi"), sum(d["neti"][t] for t in steps)),
        "17": same(n.d(L, "Wa"), weight("a", 1)),
        "18": same(n.d(L, "Wo"), weight("o").T),
    }


def thread():
    n, v, d, steps, y = lstm()
    L, p = ("L", 0), n.parameters
    v["f", T + 1] = np.zeros(H)
    through = {t: d["h"][t] * v["o", t] * (1 - np.tanh(v["C", t]) ** 2) for t in steps}

    def each(sides):
        return all(same(*sides(t)) for t in steps)

    def total(g):
        return same(n.d(L, "W" + g), sum(np.outer(d["net" + g][t], v["z", t]) for t in steps))

    return {
        "1": each(lambda t: (d["v"][t], softmax(v["v", t]) - y[t])),
        "2": same(n.d(L, "V"), sum(np.outer(d["v"][t], v["h", t]) for t in steps)),
        "3": same(n.d(L, "c"), sum(d["v"][t] for t in steps)),
        "4": each(lambda t: (d["o"][t], d["h"][t] * np.tanh(v["C", t]))),
        "5": each(lambda t: (d["neto"][t], v["o", t] * (1 - v["o", t]) * d["o"][t])),
        "6": total("o"),
        "7": each(lambda t: (d["C"][t], through[t])),
        "8": each(lambda t: (d["a"][t], d["C"][t] * v["i", t])),
        "9": each(lambda t: (d["neta"][t], (1 - v["a", t] ** 2) * d["a"][t])),
        "10": each(lambda t: (d["i"][t], d["C"][t] * v["a", t])),
        "11": each(lambda t: (d["neti"][t], v["i", t] * (1 - v["i", t]) * d["i"][t])),
        "12": each(lambda t: (d["f"][t], d["C"][t] * v["C", t - 1])),
        "13": each(lambda t: (d["netf"][t], sigmoid(v["f", t]) * d["f"][t])),
        "14": total("f"),
        "15": same(n.d(L, "bi"), sum(d["netf"][t] for t in steps)),
        "16": each(lambda t: (d["netf"][t], v["f", t] * (1 - v["f", t]) * d["f"][t])),
        "17": each(lambda t: (d["C"][t], d["C"][t + 1] * v["f", t + 1] + through[t])),
        "18": each(lambda t: (d["z"][t], sum(p["W" + g].T @ d["net" + g][t] for g in "fiao"))),
        "19": each(lambda t: (d["h"][t], p["V"].T @ d["v"][t] + d["z"][t + 1][:H])),
    }


def lru():
    """The parts of the document are nets of their own; only its gradients are compared."""
    p = dict(a=draw(H) / 2, B=draw(H, I), C=draw(K, H), D=draw(K, I), x0=draw(H), nu=draw(H) / 2)
    u, k = draw(T + 1, I), draw(T + 1, max(H, K))

    def diagonal(p, put):
        x, loss = put("x", 0, p["x0"]), 0
        for t in range(1, T + 1):
            x = put("x", t, p["a"] * x + p["B"] @ u[t])
            y = put("y", t, p["C"] @ x + p["D"] @ u[t])
            loss = loss + np.sin(k[t][:K] * y).sum()
        put("L", 0, loss)

    def normalised(p, put):
        lam = put("lam", 0, np.exp(-np.exp(p["nu"])))
        gamma = put("gamma", 0, np.sqrt(1 - lam**2))
        x, loss = put("x", 0, p["x0"]), 0
        for t in range(1, T + 1):
            x = put("x", t, lam * x + gamma * (p["B"] @ u[t]))
            loss = loss + np.sin(k[t][:H] * x).sum()
        put("L", 0, loss)

    L, steps = ("L", 0), range(1, T + 1)
    n, m = Net(diagonal, p), Net(normalised, p)
    v, w = n.value, m.value
    dx = {t: n.d(L, "x", t) for t in steps} | {T + 1: np.zeros(H)}
    dy = {t: n.d(L, "y", t) for t in steps}
    ex = {t: m.d(L, "x", t) for t in steps}
    lam, gamma, dlam, dgamma = w["lam", 0], w["gamma", 0], m.d(L, "lam", 0), m.d(L, "gamma", 0)
    return {
        "B.4": all(same(dx[t], p["C"].T @ dy[t] + p["a"] * dx[t + 1]) for t in steps),
        "B.6": same(n.d(L, "a"), sum(dx[t] * v["x", t - 1] for t in steps)),
        "B.7": same(n.d(L, "B"), sum(np.outer(dx[t], u[t]) for t in steps)),
        "B.8": same(n.d(L, "C").T, n.d(L, "C")) if H == K else False,  # it is said to be x y^T, of another shape
        "B.12": same(dgamma, sum(ex[t] * (p["B"] @ u[t]) for t in steps)),
        "B.13": same(m.d(L, "B"), sum(np.outer(ex[t], u[t]) for t in steps)),
        "B.15": same(dlam, sum(ex[t] * w["x", t - 1] for t in steps) - lam / gamma * dgamma),
        "B.16": same(m.d(L, "nu"), lam * np.log(lam) * dlam) and same(m.d(L, "nu"), -np.exp(p["nu"]) * dlam),
    }


def gru_zh():
    gates = ("r", "z", "c")
    p = {q + "x": draw(H, I) for q in gates} | {q + "h": draw(H, H) for q in gates} | {"o": draw(K, H), "h0": draw(H)}
    x, target = draw(T + 1, I), draw(K)

    def forward(p, put):
        h, error = put("h", 0, p["h0"]), 0
        for t in range(1, T + 1):
            h = gru(p, put, t, x[t], h)
            y = put("y", t, sigmoid(put("no", t, p["o"] @ h)))
            error = error + ((target - y) ** 2).sum() / 2
        put("E", 0, error)

    n = Net(forward, p)
    E, v, steps = ("E", 0), n.value, range(1, T + 1)
    d = {
        q: {t: n.d(E, q, t) for t in steps} | {T + 1: np.zeros(H)} for q in ("h", "r", "z", "c", "nr", "nz", "nc", "no")
    }
    for q in "rz":
        v[q, T + 1] = np.zeros(H)
    h, r, z, c, y = ({t: v[q, t] for t in range(1, T + 2) if (q, t) in v} for q in "hrzcy")
    h[0] = p["h0"]
    back = {t: p["ch"].T @ d["nc"][t] for t in range(1, T + 2)}
    carried = {t: d["h"].get(t, 0) * (1 - z[t]) for t in range(1, T + 2)}
    slope = {t: 1 - np.tanh(c[t]) ** 2 for t in steps}  # tanh' of the output
    return {
        "1": all(same(d["no"][t], (target - y[t]) * y[t] * (1 - y[t])) for t in steps),
        "2": same(n.d(E, "o"), sum(np.outer(d["no"][t], h[t]) for t in steps)),
        "3": all(same(d["z"][t], d["h"][t] * (c[t] - h[t - 1])) for t in steps),
        "4": all(same(d["c"][t], d["h"][t] * z[t]) for t in steps),
        "5": all(same(d["r"][t], back[t] * h[t - 1]) for t in steps),
        "6": all(
            same(d["nr"][t], h[t - 1] * (p["ch"].T @ (d["h"][t] * z[t] * slope[t])) * r[t] * (1 - r[t])) for t in steps
        ),
        "7": all(
            same(
                d["h"][t],
                p["o"].T @ d["no"][t]
                + p["zh"].T @ d["nz"][t + 1]
                + p["rh"].T @ d["nr"][t + 1]
                + back[t + 1] * r[t + 1]
                + carried[t + 1],
            )
            for t in steps
        ),
    }


def main():
    folder = pathlib.Path(__file__).parent.parent / "documents"
    different = count = 0
    first = (cs224n, goodfellow, translation, nielsen, cho, werbos, concat, thread, lru, gru_zh)
    for document in (*first, handout, costates, alignment, tokens, heads, lecture, gates, bounds, scratch):
        source = (folder / (document.__name__ + ".md")).read_text()
        lines = source.split("\n")
        wrong = set(re.findall(r"<!-- expect (?:fails|holds if)[^>]*-->\n\$\$.*?\\tag\{([^}]*)\}", source))
        wrong |= set(re.findall(r"<!-- expect ((?:line )?[\w.]+): (?:fails|holds if)", source))
        for name, true in document().items():
            count += 1
            if isinstance(name, int):  # a formula without a tag, by its line
                stands, name = re.search(r"=|\\le", lines[name - 1]), f"line {name}"
            else:
                stands = "\\tag{%s}" % name in source
            if not stands or true == (name in wrong):
                different += 1
                print(f"{document.__name__}, {name}: computed to be {true}")
    print(count, "formulas,", different, "otherwise than annotated")
    return different > 0


sys.exit(main())
