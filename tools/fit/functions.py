#!/usr/bin/env python3
"""The coefficients of tensor/kernels/functions.h: polynomials by Remez's exchange on the error weighted as the comment
beside each says.

fit(g, a, b, degree, weight) finds P with |P - g| weight as small as can be on [a, b]; it prints C literals, lowest
degree first, and the largest error.
"""
import mpmath as mp

mp.mp.dps = 40


def fit(name, g, a, b, degree, weight=lambda t: mp.mpf(1), single=False):
    n = degree + 2
    a, b, given = mp.mpf(a), mp.mpf(b), weight
    least = max(given(a), given(b)) / 10**6  # a node where the weight is 0 would say nothing
    weight = lambda t: max(given(t), least)
    nodes = [(a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (n - 1 - i) / (n - 1)) for i in range(n)]
    for _ in range(8):
        matrix = mp.matrix(n, n)
        right = mp.matrix(n, 1)
        for i, t in enumerate(nodes):
            for j in range(degree + 1):
                matrix[i, j] = t**j
            matrix[i, degree + 1] = (-1) ** i / weight(t)
            right[i] = g(t)
        c = mp.lu_solve(matrix, right)
        error = lambda t: (sum(c[j] * t**j for j in range(degree + 1)) - g(t)) * weight(t)
        grid = [(a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (600 - i) / 600) for i in range(601)]
        values = [error(t) for t in grid]
        extrema, start = [], 0
        for i in range(1, len(grid) + 1):
            if i == len(grid) or values[i] * values[start] < 0:
                best = max(range(start, i), key=lambda k: abs(values[k]))
                extrema.append(best)
                start = i
        if len(extrema) < n:
            break
        while len(extrema) > n:
            extrema.pop(0 if abs(values[extrema[0]]) < abs(values[extrema[-1]]) else -1)
        nodes = [grid[i] for i in extrema]
    worst = max(abs(v) for v in values)
    print(f"/* {name}: error 2^{float(mp.log(worst, 2)):.1f} */")
    print("    " + ", ".join(float(c[j]).hex() + ("f" if single else "") for j in range(degree + 1)))


def exp_tail(r):  # (e^r - 1 - r) / r^2
    return mp.mpf(1) / 2 + r / 6 if abs(r) < 1e-12 else (mp.expm1(r) - r) / r**2


def tanh_tail(z):  # (tanh x - x) / x^3, z = x^2
    x = mp.sqrt(z)
    return -mp.mpf(1) / 3 + 2 * z / 15 if z < 1e-16 else (mp.tanh(x) - x) / x**3


def log_tail(z):  # (atanh s / s - 1) * 2 / z, z = s^2
    s = mp.sqrt(z)
    return mp.mpf(2) / 3 + 2 * z / 5 if z < 1e-16 else 2 * (mp.atanh(s) / s - 1) / z


def sin_tail(z):  # (sin x - x) / x^3
    x = mp.sqrt(z)
    return -mp.mpf(1) / 6 + z / 120 if z < 1e-16 else (mp.sin(x) - x) / x**3


def cos_tail(z):  # (cos x - 1 + x^2/2) / x^4
    x = mp.sqrt(z)
    return mp.mpf(1) / 24 - z / 720 if z < 1e-12 else (mp.cos(x) - 1 + z / 2) / z**2


def erf_near(z):  # erf x / x - 1
    x = mp.sqrt(z)
    return 2 / mp.sqrt(mp.pi) - 1 if z < 1e-30 else mp.erf(x) / x - 1


def erf_far(t):  # e^(x^2) erfc x, t = (x - 2) / (x + 2)
    x = 2 * (1 + t) / (1 - t)
    return mp.exp(x * x) * mp.erfc(x)


half = mp.log(2) / 2 * mp.mpf("1.01")
fit("exp f32", exp_tail, -half, half, 4, lambda r: r * r, single=True)
fit("exp f64", exp_tail, -half, half, 9, lambda r: r * r)
fit("tanh f32", tanh_tail, 0, 0.55**2, 4, lambda z: z, single=True)
fit("tanh f64", tanh_tail, 0, 0.55**2, 11, lambda z: z)
s = mp.mpf("0.1716") ** 2
fit("log f64", log_tail, 0, s, 6, lambda z: z)
q = (mp.pi / 4 * mp.mpf("1.001")) ** 2
fit("sin f64", sin_tail, 0, q, 5, lambda z: z)
fit("cos f64", cos_tail, 0, q, 5, lambda z: z * z)
fit("erf near f64", erf_near, 0, 1, 12)
fit("erf far f64", erf_far, (1 - 2) / mp.mpf(3), (6 - 2) / mp.mpf(8), 18, lambda t: 1 / erf_far(t))
