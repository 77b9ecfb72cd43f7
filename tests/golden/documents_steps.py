"""What documents.py finds of documents in which other letters than t count the steps, or names have scripts:
handout.md, costates.md, alignment.md, tokens.md and heads.md."""

import numpy as np
from documents_net import draw, H, I, K, Net, rng, same, softmax, T


def handout():
    """Denominator layout: a derivative of a by b is the transpose of the Jacobian."""
    p = dict(x=draw(H, I), s=draw(H, H), b=draw(H), o=draw(K, H), bo=draw(K), s0=draw(H), first=draw(T + 1, I))
    y = np.eye(K)[rng.integers(K, size=T + 1)]

    def forward(p, put):
        s, loss = put("s", 0, p["s0"]), 0
        for t in range(1, T + 1):
            s = put("s", t, np.tanh(put("z", t, p["x"] @ put("x", t, p["first"][t]) + p["s"] @ s + p["b"])))
            q = put("q", t, p["o"] @ s + p["bo"])
            loss = loss + put("L", t, -(y[t] * np.log(put("p", t, softmax(q)))).sum())
        put("L", 0, loss)

    n = Net(forward, p)
    L, v, steps = ("L", 0), n.value, range(1, T + 1)
    own = {t: n.d(("L", t), "s", t) for t in steps}
    later = {t: sum((n.d(("L", u), "s", t) for u in range(t + 1, T + 1)), np.zeros(H)) for t in range(T + 1)}
    slope = {t: np.diag(1 - v["s", t] ** 2) for t in steps}
    back = {t: n.d(("s", t), "s", t - 1).T for t in steps}
    dz, miss = {t: n.d(L, "z", t) for t in steps}, {t: v["p", t] - y[t] for t in steps}

    def chained(t, u):
        chain = np.eye(H)
        for k in range(t + 1, u + 1):
            chain = chain @ back[k]
        return same(n.d(("L", u), "s", t), chain @ own[u])

    return {
        "1": all(
            same(n.d(("p", t), "q", t).T, np.diag(v["p", t]) - np.outer(v["p", t], v["p", t])) for t in steps
        ),
        "2": all(same(n.d(("L", t), "q", t), miss[t]) for t in steps),
        "3": all(same(own[t], p["o"].T @ miss[t]) for t in steps),
        "4": same(n.d(L, "o"), sum(np.outer(miss[t], v["s", t]) for t in steps)),
        "5": same(n.d(L, "bo"), sum(miss.values())),
        "6": all(same(n.d(("s", t), "z", t).T, slope[t]) for t in steps),
        "7": all(same(back[t], p["s"].T @ slope[t]) for t in steps),
        "8": all(same(n.d(("s", t), "x", t).T, slope[t] @ p["x"]) for t in steps),
        "9": same(later[T], np.zeros(H)),
        "10": all(chained(t, u) for t in steps for u in range(t + 1, T + 1)),
        "11": all(same(later[t - 1], back[t] @ (own[t] + later[t])) for t in steps),
        "12": all(same(later[t - 1], p["s"].T @ slope[t] @ (p["o"].T @ miss[t] + later[t])) for t in steps),
        "13": all(same(n.d(L, "s", t), own[t] + later[t]) for t in steps),
        "14": same(n.d(L, "s0"), later[0]),
        "15": all(same(dz[t], (1 - v["z", t] ** 2) * (own[t] + later[t])) for t in steps),
        "16": same(n.d(L, "s"), sum(np.outer(dz[t], v["s", t]) for t in steps)),
        "17": same(n.d(L, "x"), sum(np.outer(dz[t], p["first"][t]) for t in steps)),
        "18": same(n.d(L, "b"), sum(slope[t] @ (own[t] + later[t]) for t in steps)),
    }


def costates():
    p = dict(A=draw(H, H), B=draw(H, I), C=draw(K, H), P=draw(H, H), x0=draw(H), u=draw(T + 1, I), r=draw(T + 1, K))
    Q, R = draw(K, K), draw(I, I)
    p["P"], Q, R = p["P"] + p["P"].T, Q + Q.T, R + R.T

    def forward(p, put):
        x, cost = put("x", 0, p["x0"]), 0
        for k in range(T + 1):
            u, r = put("u", k, p["u"][k]), put("r", k, p["r"][k])
            y = put("y", k, p["C"] @ x)
            if k < T:
                cost = cost + (y - r) @ Q @ (y - r) / 2 + u @ R @ u / 2
                x = put("x", k + 1, np.tanh(p["A"] @ x + p["B"] @ u))
        put("J", 0, cost + x @ p["P"] @ x / 2)

    n = Net(forward, p)
    J, v, steps = ("J", 0), n.value, range(T)
    D = {k: np.diag(1 - v["x", k + 1] ** 2) for k in steps}
    F, G = {k: D[k] @ p["A"] for k in steps}, {k: D[k] @ p["B"] for k in steps}
    e, lam = {k: v["y", k] - p["r"][k] for k in range(T + 1)}, {k: n.d(J, "x", k) for k in range(T + 1)}
    du = {k: n.d(J, "u", k) for k in range(T + 1)}
    by = {(j, k): n.d(("x", j), "x", k) for k in range(T + 1) for j in range(k, T + 1)}
    end, chain = p["P"] @ v["x", T], np.eye(H)
    for k in steps:
        chain = F[k] @ chain
    return {
        "lin": all(same(by[k + 1, k], F[k]) and same(n.d(("x", k + 1), "u", k), G[k]) for k in steps),
        "trans2": all(same(by[k + 2, k], F[k + 1] @ F[k]) for k in range(T - 1)),
        "trans": same(by[T, 0], chain),
        "markov": all(same(n.d(("y", k + 1), "u", k), p["C"] @ G[k]) for k in steps),
        "markov2": all(same(n.d(("y", k + 2), "u", k), p["C"] @ F[k + 1] @ G[k]) for k in range(T - 1)),
        "bound": all(np.linalg.norm(by[k + 1, k], 2) <= np.linalg.norm(p["A"], 2) for k in steps),
        "costate": all(same(lam[k], p["C"].T @ Q @ e[k] + F[k].T @ lam[k + 1]) for k in steps),
        "terminal": same(lam[T], end),
        "sum": all(
            same(lam[k], sum(by[j, k].T @ p["C"].T @ Q @ e[j] for j in range(k, T)) + by[T, k].T @ end) for k in steps
        ),
        "init": same(lam[0], n.d(J, "x0")),
        "u": all(same(du[k], R @ p["u"][k] + (G[k].T @ lam[k + 1] if k < T else 0)) for k in range(T + 1)),
        "u2": all(same(du[k], R @ p["u"][k] + G[k].T @ lam[k]) for k in steps),
        "A": same(n.d(J, "A"), sum(np.outer(D[k] @ lam[k + 1], v["x", k]) for k in steps)),
        "B": same(n.d(J, "B"), sum(np.outer(D[k] @ lam[k + 1], p["u"][k]) for k in steps)),
        "C": same(n.d(J, "C"), sum(np.outer(Q @ e[k], v["x", k]) for k in range(T + 1))),
        "r": all(same(n.d(J, "r", k), Q @ e[k]) for k in steps),
        "P": same(n.d(J, "P"), np.outer(v["x", T], v["x", T]) / 2),
    }


def alignment():
    N, M = 5, 2  # annotations; hidden units of the alignment model
    p = dict(va=draw(M), Wa=draw(M, H), Ua=draw(M, H), U=draw(H, H), C=draw(H, H), Wo=draw(K, H), Vo=draw(K, H))
    p |= dict(h=draw(N, H), s0=draw(H))
    y = np.eye(K)[rng.integers(K, size=T + 1)]

    def forward(p, put):
        s, loss = put("s", 0, p["s0"]), 0
        for i in range(1, T + 1):
            q = put("q", i, np.tanh(s @ p["Wa"].T + p["h"] @ p["Ua"].T))
            alpha = put("alpha", i, softmax(put("e", i, q @ p["va"])))
            c = put("c", i, alpha @ p["h"])
            s = put("s", i, np.tanh(p["U"] @ s + p["C"] @ c))
            loss = loss - (y[i] * np.log(put("p", i, softmax(p["Wo"] @ s + p["Vo"] @ c)))).sum()
        put("L", 0, loss)

    n = Net(forward, p)
    L, v, steps, places = ("L", 0), n.value, range(1, T + 1), range(N)
    d = {q: {i: n.d(L, q, i) for i in steps} for q in ("s", "c", "alpha", "e")}
    w = {i: p["va"] * (1 - v["q", i] ** 2) for i in steps}
    out = {i: v["p", i] - y[i] for i in steps}
    away = {i: p["h"] - v["c", i] for i in steps}
    by_s = {i: n.d(("e", i), "s", i - 1) for i in steps}
    slope, dh = {i: 1 - v["s", i] ** 2 for i in steps}, n.d(L, "h")
    ce = {i: n.d(("c", i), "e", i) for i in steps}
    into = {i: n.d(("alpha", i), "e", i) for i in steps}
    a = {i: v["alpha", i] for i in steps}
    return {
        "1": all(same(v["e", i], v["q", i] @ p["va"]) for i in steps),
        "2": all(same(a[i].sum(), 1.0) for i in steps),
        "3": all(same(into[i], np.diag(a[i]) - np.outer(a[i], a[i])) for i in steps),
        "4": all(same(n.d(("c", i), "alpha", i), p["h"].T) for i in steps),
        "5": all(same(ce[i], (a[i][:, None] * away[i]).T) and same(ce[i], p["h"].T @ into[i]) for i in steps),
        "6": all(same(d["c"][i], p["C"].T @ (slope[i] * d["s"][i]) + p["Vo"].T @ out[i]) for i in steps),
        "7": all(same(d["alpha"][i], p["h"] @ d["c"][i]) for i in steps),
        "8": all(
            same(d["e"][i], a[i] * (d["alpha"][i] - a[i] @ d["alpha"][i]))
            and same(d["e"][i], a[i] * (away[i] @ d["c"][i]))
            for i in steps
        ),
        "9": all(same(d["e"][i].sum(), 0.0) for i in steps),
        "10": all(same(n.d(("e", i), "va"), v["q", i]) for i in steps),
        "11": all(same(n.d(("e", i), "h")[j, j], p["Ua"].T @ w[i][j]) for i in steps for j in places),
        "12": M == H and all(same(by_s[i], w[i] @ p["Wa"].T) for i in steps),
        "13": same(n.d(L, "va"), sum(d["e"][i] @ v["q", i] for i in steps)),
        "14": same(n.d(L, "Wa"), sum(np.outer(d["e"][i] @ w[i], v["s", i - 1]) for i in steps)),
        "15": same(n.d(L, "Ua"), sum(np.outer(d["e"][i] @ w[i], v["s", i - 1]) for i in steps)),
        "16": same(dh, sum(np.outer(a[i], d["c"][i]) + d["e"][i][:, None] * (w[i] @ p["Ua"]) for i in steps)),
        "17": all(
            same(d["s"][i], p["Wo"].T @ out[i] + p["U"].T @ (slope[i + 1] * d["s"][i + 1])) for i in range(1, T)
        ),
        "18": same(d["s"][T], p["Wo"].T @ out[T]),
        "19": all(
            same(n.d(("c", i), "s", i - 1), (a[i][:, None] * away[i]).T @ by_s[i]) for i in steps
        ),
    }


def tokens():
    p = dict(theta=draw(H, H), beta=draw(K, H), h0=draw(H), first=draw(T + 1, H))
    e = np.eye(K)[rng.integers(K, size=T + 1)]

    def forward(p, put):
        h, loss = put("h", 0, p["h0"]), 0
        for m in range(1, T + 1):
            h = put("h", m, np.tanh(put("a", m, p["theta"] @ h + put("x", m, p["first"][m]))))
            loss = loss + put("l", m, -(e[m] * np.log(put("p", m, softmax(p["beta"] @ h)))).sum())
        put("l", 0, loss)

    n = Net(forward, p)
    L, v, steps = ("l", 0), n.value, range(1, T + 1)
    miss, h = {m: v["p", m] - e[m] for m in steps}, {m: v["h", m] for m in range(T + 1)}
    own, dh = {m: n.d(("l", m), "h", m) for m in steps}, {m: n.d(L, "h", m) for m in steps}
    slope = {m: 1 - h[m] ** 2 for m in steps}
    step, by = {m: n.d(("h", m), "h", m - 1) for m in steps}, {m: n.d(("h", m), "theta") for m in steps}
    by[0] = np.zeros((H, H, H))

    def of_row(m):  # the derivative of h_{m,k} by theta_{k,k'}
        inner = h[m - 1] + np.einsum("ki,ikl->kl", p["theta"], by[m - 1])
        return same(np.einsum("kkl->kl", by[m]), slope[m][:, None] * inner)

    def product(m, k):
        chain = np.eye(H)
        for j in range(k + 1, m + 1):
            chain = chain @ p["theta"].T @ np.diag(slope[j])
        return same(n.d(("l", m), "h", k), chain @ own[m])

    score = {m: -(e[m] @ p["beta"]) @ h[m] + np.log(np.exp(p["beta"] @ h[m]).sum()) for m in steps}
    return {
        "6.30": all(same(v["l", m], score[m]) for m in steps),
        "6.31": all(same(own[m], v["p", m] @ p["beta"] - e[m] @ p["beta"]) for m in steps),
        "6.33": all(same(own[m], miss[m] @ p["beta"]) for m in steps),
        "6.34": all(same(n.d(("l", m), "theta"), np.einsum("i,ikl->kl", own[m], by[m])) for m in steps),
        "6.36": all(of_row(m) for m in steps),
        "6.37": all(same(step[m], (1 - np.tanh(h[m]) ** 2)[:, None] * p["theta"]) for m in steps),
        "6.39": all(same(n.d(("l", m), "h", m - 1), p["theta"] @ (slope[m] * own[m])) for m in steps),
        "6.40": all(same(dh[m], own[m] + p["theta"].T @ (slope[m + 1] * dh[m + 1])) for m in range(1, T)),
        "6.41": same(n.d(L, "theta"), sum(np.outer(dh[m] * slope[m], h[m - 1]) for m in steps)),
        "6.42": all(same(n.d(L, "x", m), slope[m] * dh[m]) for m in steps),
        "6.43": same(n.d(L, "beta"), sum(np.outer(miss[m], h[m - 1]) for m in steps)),
        "6.44": all(product(m, k) for m in steps for k in range(m)),
        "6.45": all(np.linalg.norm(step[m], 2) <= np.linalg.norm(p["theta"], 2) for m in steps),
    }


def heads():
    N, d, dk, dv = 4, 5, 3, 2
    p = dict(x=draw(N, d), bo=draw(d))
    for h in range(2):
        p |= {f"Q{h}": draw(d, dk), f"K{h}": draw(d, dk), f"V{h}": draw(d, dv), f"O{h}": draw(dv, d)}
    mask, g, f = draw(2, N, N), draw(N, d), draw(N, d)

    def forward(p, put):
        Y = p["bo"]
        for h in range(2):
            Q, Key, V = (put(q, h, p["x"] @ p[f"{q}{h}"]) for q in "QKV")
            S = put("S", h, Q @ Key.T / np.sqrt(dk))
            P = put("P", h, np.exp(S) / np.exp(S).sum(1, keepdims=True))
            Y = Y + put("O", h, put("A", h, mask[h] * P) @ V) @ p[f"O{h}"]
        Y = put("Y", 0, Y)
        put("L", 0, (g * np.sin(Y) + f * Y**2).sum())

    n = Net(forward, p)
    L, v, two, x = ("L", 0), n.value, range(2), p["x"]
    dY = n.d(L, "Y", 0)
    D = {q: [n.d(L, q, h) for h in two] for q in "QKVSPAO"}
    W = {q: [n.d(L, f"{q}{h}") for h in two] for q in "QKVO"}
    rows = [(D["P"][h] * v["P", h]).sum(1) for h in two]
    jacobian = [n.d(("P", h), "S", h) for h in two]
    root = np.sqrt(dk)

    def softmax_row(h, i):
        row = v["P", h][i]
        return same(jacobian[h][i, :, i], np.diag(row) - np.outer(row, row))

    return {
        "1": all(same(W["O"][h], v["O", h].T @ dY) for h in two),
        "2": same(n.d(L, "bo"), dY.sum(0)),
        "3": all(same(D["O"][h], dY @ p[f"O{h}"].T) for h in two),
        "4": all(same(D["V"][h], v["A", h] @ D["O"][h]) for h in two),
        "5": all(same(D["A"][h], D["O"][h] @ v["V", h].T) for h in two),
        "6": all(same(D["V"][h], v["A", h].T @ D["O"][h]) for h in two),
        "7": all(same(D["P"][h], D["A"][h] * mask[h]) for h in two),
        "8": all(softmax_row(h, i) for h in two for i in range(N)),
        "9": all(same(D["S"][h], v["P", h] * (D["P"][h] - rows[h][:, None])) for h in two),
        "10": all(same(D["S"][h], v["P", h] * D["P"][h] - rows[h][:, None] * v["P", h]) for h in two),
        "11": all(same(rows[h], (D["O"][h] * v["O", h]).sum(1)) for h in two),
        "12": all(same(D["S"][h].sum(1), np.zeros(N)) for h in two),
        "13": all(same(D["Q"][h], D["S"][h] @ v["K", h] / root) for h in two),
        "14": all(same(D["K"][h], D["S"][h].T @ v["Q", h] / root) for h in two),
        "15": all(same(D["K"][h], D["S"][h] @ v["Q", h] / root) for h in two),
        "16": all(same(W[q][h], x.T @ D[q][h]) for q in "QKV" for h in two),
        "17": same(n.d(L, "x"), sum(D[q][h] @ p[f"{q}{h}"].T for q in "QKV" for h in two)),
        "18": all(same(W["Q"][h], x.T @ D["S"][h] @ x @ p[f"K{h}"] / dk) for h in two),
    }
