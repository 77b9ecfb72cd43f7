"""What documents.py finds of documents whose formulas mostly go by their lines: lecture.md, gates.md, bounds.md and
scratch.md."""

import numpy as np
from documents_net import draw, gru, H, I, K, lstm, Net, rng, same, sigmoid, softmax, T


def one_hot(rows):
    return np.eye(K)[rng.integers(K, size=rows)]


def of_number(n, name):
    """The derivative of a number by a parameter, or by a quantity without steps."""
    return lambda by: n.d((name, 0), by, 0 if (by, 0) in n.value else None)


def lecture():
    """Vectors are rows. The words of the last section are as many as the classes."""
    N, negative, lam, ones = 3, 2, 0.7, np.ones((3, 1))
    p = dict(u=draw(K), theta=draw(1, K), x=draw(1, I), X=draw(N, I), v=draw(1, I), U=draw(K, I), o=draw(1, I))
    p |= dict(W1=draw(I, H), b1=draw(1, H), W2=draw(H, K), b2=draw(1, K), G=draw(negative, I))
    y, Y = one_hot(1), one_hot(N)

    def forward(p, put):
        put("sigma", 0, sigmoid(p["u"]))
        put("CE", 0, -(y * np.log(put("p", 0, softmax(p["theta"])))).sum())
        h = put("h", 0, sigmoid(put("z1", 0, p["x"] @ p["W1"] + p["b1"])))
        put("J", 0, -(y * np.log(put("hat", 0, softmax(put("z2", 0, h @ p["W2"] + p["b2"]))))).sum())
        Z = put("Z", 0, p["X"] @ p["W1"] + ones @ p["b1"])
        A = put("A", 0, np.where(np.real(Z) > 0, Z, 0))
        S = put("S", 0, A @ p["W2"] + ones @ p["b2"])
        P = put("P", 0, np.apply_along_axis(softmax, 1, S))
        decay = lam / 2 * ((p["W1"] ** 2).sum() + (p["W2"] ** 2).sum())
        put("L", 0, -(Y * np.log(P)).sum() / N + decay)
        put("sm", 0, -(y * np.log(put("word", 0, softmax(p["v"] @ p["U"].T)))).sum())
        put("neg", 0, -np.log(sigmoid(p["o"] @ p["v"].T)).sum() - np.log(sigmoid(-p["G"] @ p["v"].T)).sum())

    n = Net(forward, p)
    v = {name: value for (name, _), value in n.value.items()}
    J, L, sm, neg = (of_number(n, name) for name in ("J", "L", "sm", "neg"))
    d1, d2, d3, row = J("z2"), J("h"), J("z1"), v["p"][0]
    dS, dA, dZ = L("S"), L("A"), L("Z")
    miss, vc, theta = v["word"] - y, p["v"], p["theta"]
    own, others = p["o"] @ vc.T, p["G"] @ vc.T
    return {
        19: same(n.d(("sigma", 0), "u"), np.diag(v["sigma"] * (1 - v["sigma"]))),
        28: same(softmax(theta), softmax(theta - theta.max())),
        32: same(n.d(("p", 0), "theta")[0, :, 0], row[:, None] * (np.eye(K) - row)),
        40: same(n.d(("CE", 0), "theta"), y - v["p"]),
        68: same(d1, v["hat"] - y),
        69: same(d2, d1 @ p["W2"].T),
        70: same(d3, d2 * v["z1"] * (1 - v["z1"])),
        76: same(J("W2"), v["h"].T @ d1),
        77: same(J("W1"), d3.T @ p["x"]),
        78: same(J("b1"), d3),
        83: same(J("x"), d3 @ p["W1"].T),
        105: same(dS, (v["P"] - Y) / N),
        106: same(L("W2"), v["A"].T @ dS + lam * p["W2"]),
        107: same(L("b2"), ones.T @ dS / N),
        108: same(dA, dS @ p["W2"].T),
        109: same(dZ, dA * (v["Z"] > 0)),
        110: same(L("W1"), p["X"].T @ dZ),
        111: same(L("b1"), ones.T @ dZ),
        137: same(sm("v"), miss @ p["U"]),
        139: same(sm("U"), vc.T @ miss),
        141: all(same(sm("U")[w], miss[0, w] * vc[0]) for w in range(K)),
        151: same(neg("v"), (sigmoid(own) - 1) * p["o"] + sigmoid(others).T @ p["G"]),
        153: same(neg("o"), (sigmoid(own) - 1) * vc),
        155: same(neg("G"), (sigmoid(-others) - 1) * vc),
        159: same(v["neg"], np.log(1 + np.exp(-own)).sum() + np.log(1 + np.exp(-others)).sum()),
    }


def gates():
    """The candidate q is c, the update gate u is z, and the state s is h."""
    p = {q + "x": draw(H, I) for q in "rzc"} | {q + "h": draw(H, H) for q in "rzc"} | {q + "b": draw(H) for q in "rzc"}
    p |= dict(V=draw(K, H), c=draw(K), h0=draw(H))
    x, y = draw(T + 1, I), draw(T + 1, K)

    def forward(p, put):
        h, loss = put("h", 0, p["h0"]), 0
        for t in range(1, T + 1):
            h = gru(p, put, t, x[t], h)
            loss = loss + ((put("y", t, p["V"] @ h + p["c"]) - y[t]) ** 2).sum() / 2
        put("L", 0, loss)

    n = Net(forward, p)
    L, steps = ("L", 0), range(1, T + 1)
    h, r, z, c, hat = ({t: n.value[q, t] for t in range(T + 1) if (q, t) in n.value} for q in "hrzcy")
    d = {q: {t: n.d(L, q, t) for t in steps} for q in ("h", "r", "z", "c", "nr", "nz", "nc", "y")}
    error = {t: hat[t] - y[t] for t in steps}
    back = {t: p["ch"].T @ d["nc"][t] for t in steps}

    def each(sides, steps=steps):
        return all(same(*sides(t)) for t in steps)

    def total(by, of_step):
        return same(n.d(L, by), sum(of_step(t) for t in steps))

    def before(t):  # what the right side names of the derivative by the state before
        return p["V"].T @ error[t - 1] + d["h"][t] * (1 - z[t]) + p["zh"].T @ d["nz"][t] + p["rh"].T @ d["nr"][t]

    def jacobian(t):
        reset = np.diag(r[t]) + np.diag(h[t - 1] * r[t] * (1 - r[t])) @ p["rh"]
        update = np.diag((c[t] - h[t - 1]) * z[t] * (1 - z[t])) @ p["zh"]
        return np.diag(1 - z[t]) + update + np.diag(z[t] * (1 - c[t] ** 2)) @ p["ch"] @ reset

    return gates_lstm() | {
        45: each(lambda t: (d["y"][t], error[t])),
        47: total("V", lambda t: np.outer(error[t], h[t])),
        53: each(lambda t: (d["c"][t], d["h"][t] * z[t])),
        55: each(lambda t: (d["z"][t], d["h"][t] * (h[t - 1] - c[t]))),
        59: each(lambda t: (d["nc"][t], d["c"][t] * (1 - c[t] * c[t]))),
        61: each(lambda t: (d["nz"][t], d["z"][t] * z[t] * (1 - z[t]))),
        65: each(lambda t: (d["r"][t], back[t] * h[t])),
        67: each(lambda t: (d["nr"][t], d["r"][t] * r[t] * (1 - r[t]))),
        73: each(lambda t: (d["h"][t - 1], before(t) + back[t]), steps[1:]),
        77: each(lambda t: (n.d(("h", t), "h", t - 1), jacobian(t))),
        81: total("zx", lambda t: np.outer(d["nz"][t], x[t])),
        83: total("zh", lambda t: np.outer(h[t - 1], d["nz"][t])),
        85: total("rh", lambda t: np.outer(d["nr"][t], r[t] * h[t - 1])),
        87: total("ch", lambda t: np.outer(d["nc"][t], r[t] * h[t - 1])),
        89: total("rb", lambda t: d["nr"][t]),
    }


def gates_lstm():
    n, v, d, steps, _ = lstm()

    def each(sides):
        return all(same(*sides(t)) for t in steps)

    def through(t):
        return d["h"][t] * v["o", t] * (1 - np.tanh(v["C", t]) ** 2)

    return {
        121: each(lambda t: (d["o"][t], d["h"][t] * np.tanh(v["C", t]))),
        122: each(lambda t: (d["C"][t], through(t) + d["C"][t + 1] * v["f", t])),
        123: each(lambda t: (d["f"][t], d["C"][t] * v["C", t - 1])),
        124: each(lambda t: (d["i"][t], d["C"][t] * v["a", t])),
        125: each(lambda t: (d["a"][t], d["C"][t] * v["i", t])),
        126: each(lambda t: (d["netf"][t], d["f"][t] * v["f", t] * (1 - v["f", t]))),
        127: each(lambda t: (d["neta"][t], d["a"][t] * v["a", t] * (1 - v["a", t]))),
        132: same(n.d(("L", 0), "Wf"), sum(np.outer(d["netf"][t], v["z", t]) for t in steps)),
        136: each(lambda t: (n.d(("C", t), "C", t - 1), np.diag(v["f", t]))),
    }


def bounds():
    """With one large weight beside the diagonal and small states the Jacobians are longer than the largest eigenvalue
    says."""
    p = dict(W=draw(H, H), Win=draw(H, I), b=draw(H) / 9, x0=draw(H) / 9, z0=draw(H), a=draw(H))
    p["W"][0, 1] = 5
    u, weight, reflected, g = draw(T + 1, I) / 9, draw(T + 1, H), draw(2, H), draw(H)
    Q = np.linalg.multi_dot([np.eye(H) - 2 * np.outer(w, w) / (w @ w) for w in reflected])

    def forward(p, put):
        put("sigma", 0, np.tanh(p["a"]))
        x, z, total = put("x", 0, p["x0"]), put("z", 0, p["z0"]), 0
        for t in range(1, T + 1):
            x = put("x", t, put("W", t, p["W"]) @ np.tanh(x) + p["Win"] @ u[t] + p["b"])
            z = put("z", t, Q @ z + p["Win"] @ u[t])
            total = total + put("E", t, np.sin(weight[t] * x).sum())
        put("E", 0, total)

    n = Net(forward, p)
    E, v, steps, W, norm = ("E", 0), n.value, range(1, T + 1), p["W"], np.linalg.norm
    slope = {t: np.diag(1 - np.tanh(v["x", t]) ** 2) for t in range(T + 1)}
    pairs = [(t, k) for t in steps for k in range(t)]
    by, linear = ({(t, k): n.d((q, t), q, k) for t, k in pairs} for q in "xz")
    by |= {(t, t): np.eye(H) for t in steps}
    own, dx = {t: n.d(("E", t), "x", t) for t in steps}, {t: n.d(E, "x", t) for t in steps}
    copy, dW = {t: n.d(("x", t), "W", t) for t in steps}, {t: n.d(("E", t), "W") for t in steps}
    chain = {(t, t): np.eye(H) for t in range(T + 1)}
    for t, k in pairs:
        chain[t, k] = np.linalg.multi_dot([np.eye(H), *(W @ slope[i - 1] for i in range(t, k, -1))])

    def summed(t):
        return sum(np.einsum("i,ikl->kl", own[t] @ by[t, k], copy[k]) for k in range(1, t + 1))

    def either(sides):  # in one layout of Jacobians or in the other
        return all(same(a, b) for a, b in sides) or all(same(a.T, b) for a, b in sides)

    def longest(rate):
        return all(norm(by[t, k], 2) <= rate ** (t - k) for t, k in pairs)

    clipped = [(theta, min(1, theta / norm(g)) * g) for theta in (norm(g) / 2, norm(g) * 2)]
    return {
        "3": same(n.d(("sigma", 0), "a"), np.diag(1 - v["sigma", 0] ** 2)),
        48: same(n.d(E, "W"), sum(dW.values())),
        49: all(same(dW[t], summed(t)) for t in steps),
        "6": all(same(np.einsum("iij->ij", copy[t]), np.tile(np.tanh(v["x", t - 1]), (H, 1))) for t in steps),
        "7": either([(by[t, t - 1], W.T @ slope[t - 1]) for t in steps]),
        "8": all(same(by[t, k], chain[t, k]) for t, k in pairs),
        "9": either([(by[t, t - 2], W @ slope[t - 2] @ W @ slope[t - 1]) for t in steps[1:]]),
        "10": all(same(dx[t], dx[t + 1] @ by[t + 1, t]) for t in steps[:-1]),
        83: same(dx[T], own[T]),
        84: all(same(dx[t], own[t] + slope[t] @ W.T @ dx[t + 1]) for t in steps[:-1]),
        92: same(n.d(E, "W"), sum(np.outer(dx[t], np.tanh(v["x", t])) for t in steps)),
        93: same(n.d(E, "Win"), sum(np.outer(dx[t], u[t]) for t in steps)),
        94: same(n.d(E, "b"), sum(dx.values())),
        "12": all(norm(by[t, t - 1], 2) <= norm(W, 2) * norm(slope[t - 1], 2) for t in steps),
        "13": longest(norm(W, 2)),
        "15": longest(abs(np.linalg.eigvals(W)).max()),
        "16": all(norm(by[t, t - 1], 2) >= norm(W, -2) * norm(slope[t - 1], 2) for t in steps),
        "17": all(norm(own[t] @ by[t, k]) <= norm(own[t]) * norm(W, 2) ** (t - k) for t, k in pairs),
        136: all(same(norm(hat), min(norm(g), theta)) for theta, hat in clipped),
        137: all(same(hat @ g, norm(hat) * norm(g)) for _, hat in clipped),
        "19": all(same(norm(g - hat), max(0, theta - norm(g))) for theta, hat in clipped),
        "21": same(Q.T @ Q, np.eye(H)),
        "23": all(same(norm(linear[at], 2), 1.0) for at in pairs),
        "24": all(same(norm(linear[at]), 1.0) for at in pairs),
    }


def scratch():
    """Examples are columns; the four gates stand on top of each other in W, b and net."""
    m, ones = 3, np.ones(3)
    p = dict(W=draw(4 * H, H + I), b=draw(4 * H), a=draw(H, m), c=draw(H, m), x=draw(I, m), Wy=draw(K, H), by=draw(K))
    Y, k = one_hot(m).T, draw(2, H, m)

    def forward(p, put):
        cat = put("cat", 0, np.concatenate([p["a"], p["x"]]))
        net = (put("n" + q, 0, z) for q, z in zip("fico", np.split(p["W"] @ cat + p["b"][:, None], 4)))
        f, i, cc, o = (put(q, 0, (np.tanh if q == "g" else sigmoid)(z)) for q, z in zip("figo", net))
        c = put("next c", 0, f * p["c"] + i * cc)
        a = put("next a", 0, o * np.tanh(c))
        direct = put("direct", 0, c)
        put("J", 0, (np.sin(k[0] * a) + k[1] * a * direct + np.cos(k[1] * direct)).sum())
        P = put("P", 0, np.apply_along_axis(softmax, 0, put("zy", 0, p["Wy"] @ a + p["by"][:, None])))
        put("cost", 0, -(Y * np.log(P)).sum() / m)

    n = Net(forward, p)
    v = {name: value for (name, _), value in n.value.items()}
    J, cost = of_number(n, "J"), of_number(n, "cost")
    f, i, cc, o, cat = (v[q] for q in ("f", "i", "g", "o", "cat"))
    dz = {q: J("n" + q) for q in "fico"}
    W, dW, db = (dict(zip("fico", np.split(q, 4))) for q in (p["W"], J("W"), J("b")))
    da, dc, whole, slope = J("next a"), J("direct"), J("next c"), 1 - np.tanh(v["next c"]) ** 2
    gradients = np.concatenate(list(dz.values()))
    carousel = np.einsum("jkjk->jk", n.d(("next c", 0), "c"))
    miss = v["P"] - Y

    def back(gates, columns):
        return sum(W[q][:, columns].T @ dz[q] for q in gates)

    return {
        53: same(1 - f, sigmoid(-v["nf"])),
        61: same(whole, dc + da * o * slope),
        65: same(dz["o"], da * np.tanh(v["next c"]) * o * (1 - o)),
        66: same(dz["f"], whole * p["c"] * f * (1 - f)),
        67: same(dz["i"], dc * cc + o * slope * cc * da * i * (1 - i)),
        68: same(dz["c"], whole * i * (1 - cc)),
        72: same(J("c"), dc * f + o * slope * f * da),
        76: same(carousel, f),
        80: same(dW["f"], dz["f"] @ cat.T),
        81: same(dW["i"], dz["i"] @ cat.T),
        82: same(dW["c"], cat @ dz["c"].T),
        83: same(dW["o"], dz["o"] @ cat.T),
        87: same(db["f"], dz["f"] @ ones),
        88: same(db["i"], dz["i"] @ ones / m),
        89: same(db["o"], dz["o"].sum(1)),
        93: same(J("a"), back("fico", slice(H))),
        94: same(J("x"), back("fio", slice(H, None))),
        105: same(J("W"), gradients @ cat.T),
        106: same(J("cat"), p["W"].T @ gradients),
        107: same(J("a"), J("cat")[:H]),
        120: same(cost("zy"), miss / m),
        121: same(cost("Wy"), miss @ v["next a"].T / m),
        122: same(cost("by"), miss @ ones),
        126: H == K and same(cost("next a"), p["Wy"] @ miss / m),
    }
