"""Of the scripts that find which formulas of tests/documents are true: quantities step by step, and their derivatives
by the complex step."""

import numpy as np

rng = np.random.default_rng(5)
T, I, H, K = 4, 3, 4, 5
STEP = 1e-30


def draw(*shape):
    return rng.normal(size=shape)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x)
    return e / e.sum()


class Net:
    """forward(parameters, put): put(name, step, value) notes a quantity and adds what a derivative shifts it by."""

    def __init__(self, forward, parameters):
        self.forward, self.parameters = forward, parameters
        self.value = self.run({}, None)

    def run(self, shifted, bump):
        seen = {}

        def put(name, step, value):
            if bump and (name, step) == bump[0]:
                value = value + bump[1]
            seen[name, step] = value
            return value

        self.forward({**self.parameters, **shifted}, put)
        return seen

    def d(self, of, name, step=None):
        """The derivative of a number or of a quantity at a step, by a parameter or by a quantity at a step: its axes,
        then those of what it is by."""
        base = self.parameters[name] if step is None else self.value[name, step]
        out = np.zeros(np.shape(self.value[of]) + np.shape(base))
        for at in np.ndindex(np.shape(base)):
            shift = np.zeros(np.shape(base), complex)
            shift[at] = 1j * STEP
            seen = self.run({name: base + shift}, None) if step is None else self.run({}, ((name, step), shift))
            out[(..., *at)] = np.imag(seen[of]) / STEP
        return out


def same(a, b):
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-9, atol=1e-12)


def gru(p, put, t, x, h):
    """A step of the unit h = (1 - z) h + z c with the reset in front of the product, and biases if there are any."""

    def net(q, h):
        return put("n" + q, t, p[q + "x"] @ x + p[q + "h"] @ h + p.get(q + "b", 0))

    r = put("r", t, sigmoid(net("r", h)))
    z = put("z", t, sigmoid(net("z", h)))
    c = put("c", t, np.tanh(net("c", r * h)))
    return put("h", t, (1 - z) * h + z * c)


def lstm():
    """An LSTM on z_t = [h_{t-1}, x_t] with a softmax above it: the net, its loss, and derivatives by step."""
    p = {"W" + g: draw(H, H + I) for g in "fiao"} | {"b" + g: draw(H) for g in "fiao"}
    p |= dict(V=draw(K, H), c=draw(K), h0=draw(H), C0=draw(H))
    x, y = draw(T + 1, I), np.eye(K)[rng.integers(K, size=T + 1)]

    def forward(p, put):
        h, C, loss = put("h", 0, p["h0"]), put("C", 0, p["C0"]), 0
        for t in range(1, T + 1):
            z = put("z", t, np.concatenate([h, x[t]]))
            f, i, a, o = (
                put(g, t, (np.tanh if g == "a" else sigmoid)(put("net" + g, t, p["W" + g] @ z + p["b" + g])))
                for g in "fiao"
            )
            C = put("C", t, f * C + i * a)
            h = put("h", t, o * np.tanh(C))
            v = put("v", t, p["V"] @ h + p["c"])
            loss = loss - (y[t] * np.log(softmax(v))).sum()
        put("L", 0, loss)

    n = Net(forward, p)
    steps = range(1, T + 1)
    names = ["h", "C", "z", "v", *"fiao", *("net" + g for g in "fiao")]
    d = {q: {t: n.d(("L", 0), q, t) for t in steps} for q in names}
    for q in names:
        d[q][T + 1] = 0 * d[q][T]
    return n, n.value, d, steps, y
