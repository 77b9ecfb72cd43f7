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
