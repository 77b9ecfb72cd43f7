#!/usr/bin/env python3
"""Training steps (forward, backward, clipping, Adam) of recurrent networks by eddy, PyTorch and JAX, in one sitting.

    tools/bench/peers.py EDDY [--threads N] [--budget SECONDS] [--sizes small,tutorial,med,large]
        [--networks lstm,gru,mgu,slstm,indrnn]
                         [--compile] [--products] [--svg FILE]

EDDY is the program (build/tools/eddy). Peers that are not installed are left out. In every round each of them has its
turn; the median over the rounds of each turn's median is shown, and how many times faster eddy is than the fastest of
the others. Behind it the same of each one's fastest turn: on a machine whose cores are shared with strangers a turn may
take half as long again, and only many short turns tell. PyTorch runs its nn.LSTM and nn.GRU, and a loop over the steps
for what it does not have. JAX runs a scan, once with x W inside it and once with all x_t W computed before it; its
compiling is timed apart. --compile adds PyTorch's loop over the steps under torch.compile, where that compiles within
two minutes. --products compares the matrix products of a step alone with NumPy's, which are OpenBLAS's in the wheels of
its authors. --svg draws the table (needs gnuplot)."""
import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time

SIZES = {
    "small": (50, 16, 32, 32),
    "tutorial": (20, 800, 1, 64),
    "med": (100, 32, 128, 256),
    "large": (50, 64, 512, 512),
}


def timed(step, seconds):
    """The median time of a step's calls within so many seconds, three at least."""
    times, start = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    return statistics.median(times)


# A cell: how many blocks of H columns x W has, how many h R has (0: a vector instead), its states, and the step. f is
# torch or jax.numpy with what both name differently.
def lstm(f, p, xw, state):
    h, c = state
    i, g, z, o = f.blocks(xw + (h @ p["r"] + p["c"]), 4)
    c = f.sigmoid(g) * c + f.sigmoid(i) * f.tanh(z)
    return f.sigmoid(o) * f.tanh(c), c


def gru(f, p, xw, state):
    (h,) = state
    (xr, xz, xn), (hr, hz, hn) = f.blocks(xw, 3), f.blocks(h @ p["r"] + p["c"], 3)
    z = f.sigmoid(xz + hz)
    return ((1 - z) * f.tanh(xn + f.sigmoid(xr + hr) * hn) + z * h,)


def mgu(f, p, xw, state):
    (h,), (xf, xc), (rf, rc) = state, f.blocks(xw, 2), f.blocks(p["r"], 2)
    gate = f.sigmoid(xf + h @ rf)
    return (h + gate * (f.tanh(xc + (gate * h) @ rc) - h),)


def slstm(f, p, xw, state):
    h, c, n, m = state
    i, g, z, o = f.blocks(xw + h @ p["r"], 4)
    kept = g + m
    m = f.maximum(kept, i)
    i, g = f.exp(i - m), f.exp(kept - m)
    c, n = g * c + i * f.tanh(z), g * n + i
    return f.sigmoid(o) * c / n, c, n, m


def indrnn(f, p, xw, state):
    return (f.relu(xw + p["r"] * state[0]),)


CELLS = {
    "lstm": (4, 4, 2, lstm),
    "gru": (3, 3, 1, gru),
    "mgu": (2, 2, 1, mgu),
    "slstm": (4, 4, 4, slstm),
    "indrnn": (1, 0, 1, indrnn),
}


def shapes_of(kind, I, H):
    wide, recurrent, _, _ = CELLS[kind]
    shapes = {"w": (I, wide * H), "r": (H, recurrent * H) if recurrent else (H,), "b": (wide * H,)}
    return dict(shapes, c=(wide * H,)) if kind in ("lstm", "gru") else shapes


def torch_step(kind, size, threads, compiled=False):
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    T, B, I, H = size
    x, y = torch.rand(T, B, I) * 2 - 1, torch.rand(B, H) * 2 - 1
    if kind in ("lstm", "gru") and not compiled:
        net = (torch.nn.LSTM if kind == "lstm" else torch.nn.GRU)(I, H)
        params, last = list(net.parameters()), lambda: net(x)[0][-1]
    else:
        f = argparse.Namespace(
            sigmoid=torch.sigmoid,
            tanh=torch.tanh,
            exp=torch.exp,
            maximum=torch.maximum,
            relu=torch.relu,
            blocks=lambda a, n: torch.chunk(a, n, -1),
        )
        p = {k: torch.nn.Parameter((torch.rand(s) * 2 - 1) / H**0.5) for k, s in shapes_of(kind, I, H).items()}
        params = list(p.values())

        def last():
            state = [torch.zeros(B, H)] * CELLS[kind][2]
            for t in range(T):
                state = CELLS[kind][3](f, p, x[t] @ p["w"] + p["b"], state)
            return state[0]

    if compiled:
        last = torch.compile(last)
    adam = torch.optim.Adam(params)

    def step():
        adam.zero_grad()
        loss = torch.nn.functional.mse_loss(last(), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1)
        adam.step()
        return loss.item()

    step()
    return step


def jax_step(kind, size, hoisted):
    import jax
    import jax.numpy as jnp

    T, B, I, H = size
    f = argparse.Namespace(
        sigmoid=jax.nn.sigmoid,
        tanh=jnp.tanh,
        exp=jnp.exp,
        maximum=jnp.maximum,
        relu=jax.nn.relu,
        blocks=lambda a, n: jnp.split(a, n, -1),
    )
    draw = lambda k, shape: jax.random.uniform(jax.random.PRNGKey(k), shape, minval=-1, maxval=1)
    params = {name: draw(k, shape) / H**0.5 for k, (name, shape) in enumerate(shapes_of(kind, I, H).items())}
    x, y = draw(10, (T, B, I)), draw(11, (B, H))

    def loss(p):
        wide = lambda x: x @ p["w"] + p["b"]
        body = lambda state, x: (CELLS[kind][3](f, p, x if hoisted else wide(x), state), None)
        state = (jnp.zeros((B, H)),) * CELLS[kind][2]
        return jnp.mean((jax.lax.scan(body, state, wide(x) if hoisted else x)[0][0] - y) ** 2)

    def update(p, m, v, t):
        value, g = jax.value_and_grad(loss)(p)
        norm = jnp.sqrt(sum(jnp.sum(a * a) for a in g.values()))
        g = {k: a * jnp.minimum(1, 1 / (norm + 1e-6)) for k, a in g.items()}
        m = {k: 0.9 * m[k] + 0.1 * g[k] for k in g}
        v = {k: 0.999 * v[k] + 0.001 * g[k] ** 2 for k in g}
        p = {k: p[k] - 1e-3 * (m[k] / (1 - 0.9**t)) / (jnp.sqrt(v[k] / (1 - 0.999**t)) + 1e-8) for k in p}
        return p, m, v, t + 1, value

    zeros = {k: jnp.zeros_like(a) for k, a in params.items()}
    state = [params, zeros, zeros, jnp.float32(1)]
    before = time.perf_counter()
    compiled = jax.jit(update).lower(*state).compile()
    compiling, memory = time.perf_counter() - before, compiled.memory_analysis()

    def step():
        *state[:], value = compiled(*state)
        value.block_until_ready()

    step()
    return step, compiling, memory.temp_size_in_bytes if memory else 0


def eddy_run(program, kind, name, threads, seconds):
    out = subprocess.run(
        [program, "bench", kind, name, "--json", "--threads", str(threads), "--seconds", str(seconds)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return json.loads(out)


def within(seconds, make):
    """What make() returns, or None after so many seconds."""

    def late(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        return make()
    except TimeoutError:
        return None
    finally:
        signal.alarm(0)


def peers_of(kind, size, threads, compiled):
    """(name, step) of those that can be imported, and what they say of their compiling."""
    steps, notes = {}, []
    try:
        steps["torch"] = torch_step(kind, size, threads)
        if compiled:
            before = time.perf_counter()
            step = within(120, lambda: torch_step(kind, size, threads, True))
            notes.append(f"torch.compile {'took' if step else 'did not end in'} {time.perf_counter() - before:.0f} s")
            if step:
                steps["torch.compile"] = step
    except ImportError as missing:
        notes.append(f"no PyTorch ({missing})")
    try:
        for name, hoisted in (("jax", False), ("jax-hoisted", True)):
            steps[name], seconds, temporary = jax_step(kind, size, hoisted)
            notes.append(
                f"{name} compiled in {seconds:.1f} s, {temporary / 4 / (size[0] * size[1] * size[3]):.1f} x TBH4 bytes"
            )
    except ImportError as missing:
        notes.append(f"no JAX ({missing})")
    return steps, notes


def products(program, threads, seconds):
    """The products of an LSTM's step, (rows, inner) times (inner, columns), by eddy and by NumPy, in GFLOP/s."""
    import numpy

    out = subprocess.run(
        [program, "bench", "products", "--json", "--threads", str(threads), "--seconds", str(seconds)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for line in map(json.loads, out.splitlines()):
        m, k, n = line["rows"], line["inner"], line["columns"]
        a, b, c = (numpy.random.rand(*s).astype("f4") for s in ((m, k), (k, n), (m, n)))
        best = min(timed(lambda: numpy.matmul(a, b, c), seconds) for _ in range(5))
        print(
            f"{line['what']:16} {m:5} x {k:5} x {n:5}  eddy {line['gflops']:6.1f}  "
            f"NumPy {2e-9 * m * k * n / best:6.1f} GFLOP/s"
        )


def draw(path, rows):
    """Bars: how many times as long as eddy's step each peer's takes."""
    names = list(dict.fromkeys(who for _, ms in rows for who in ms if who != "eddy"))
    bars = ", ".join(f"$t using {i + 2}:xtic(1) title '{who}'" for i, who in enumerate(names))
    table = "\n".join(
        " ".join([f'"{what}"', *(f"{ms[who] / ms['eddy']:.3f}" if who in ms else "NaN" for who in names)])
        for what, ms in rows
    )
    script = f"""$t << END
{table}
END
set terminal svg size 900,320 font 'sans-serif,13' background '#ffffff'
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 border -1
set logscale y 2
set yrange [0.5:*]
set grid y lc '#e4e4e4'
set key top right reverse Left
set ylabel 'time / time of eddy'
set arrow from graph 0, first 1 to graph 1, first 1 nohead lw 2
plot {bars}
"""
    with open(path, "w", encoding="utf-8") as picture:
        subprocess.run(["gnuplot", "-d"], input=script, text=True, stdout=picture, check=True)


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("eddy")
    ask.add_argument("--threads", type=int, default=1)
    ask.add_argument(
        "--budget", type=float, default=40, help="seconds for the rounds of one row, of which there are five at least"
    )
    ask.add_argument("--seconds", type=float, default=0.1, help="of each turn")
    ask.add_argument("--sizes", default=",".join(SIZES))
    ask.add_argument("--networks", default="lstm,gru")
    ask.add_argument("--compile", action="store_true")
    ask.add_argument("--products", action="store_true")
    ask.add_argument("--svg", metavar="FILE")
    args = ask.parse_args()
    if "PEERS_PINNED" not in os.environ and hasattr(os, "sched_setaffinity"):
        # JAX takes as many threads as there are processors, so it has to be given fewer processors.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-args.threads :])
    print(f"{args.threads} thread(s), {args.budget:.0f} s a row; ms a training step")
    if args.products:
        return products(args.eddy, args.threads, args.seconds)
    rows = []
    for kind in args.networks.split(","):
        for name in args.sizes.split(","):
            steps, notes = peers_of(kind, SIZES[name], args.threads, args.compile)
            times = {who: [] for who in ("eddy", *steps)}
            last = None
            start = time.perf_counter()
            while len(times["eddy"]) < 5 or time.perf_counter() - start < args.budget:
                last = eddy_run(args.eddy, kind, name, args.threads, args.seconds)
                times["eddy"].append(last["run_s"])
                for who, step in steps.items():
                    times[who].append(timed(step, args.seconds))
            ms = {who: 1e3 * statistics.median(t) for who, t in times.items()}
            rows.append((f"{kind} {name}", ms))
            peer, fastest_peer = (
                min((f(t) for who, t in times.items() if who != "eddy"), default=float("nan"))
                for f in (statistics.median, min)
            )
            share = last["product_operations"] / ms["eddy"] * 1e-6 / last["peak_gflops"]
            print(
                f"{kind:5} {name:9}",
                " ".join(f"{who} {v:.2f}" for who, v in ms.items()),
                f"| best peer / eddy {1e3 * peer / ms['eddy']:.2f},"
                f" of fastest turns {fastest_peer / min(times['eddy']):.2f}"
                f" ({len(times['eddy'])} rounds) | {100 * share:.0f}% of {last['peak_gflops']:.0f} GFLOP/s,"
                f" {last['bytes'] / 4 / (SIZES[name][0] * SIZES[name][1] * SIZES[name][3]):.1f} x TBH4 bytes |",
                "; ".join(notes),
            )
            sys.stdout.flush()
    if args.svg:
        draw(args.svg, rows)


if __name__ == "__main__":
    main()
