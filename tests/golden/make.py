#!/usr/bin/env python3
"""Makes the golden files of this folder with PyTorch: rnn.json, loss.json, optim.json. The tests read them and need no
PyTorch.

Run `python3 make.py` (any PyTorch >= 2.0; the version used is written into each file). Everything is float64 with a
fixed seed and in one thread. What goes in is rounded to three decimals, which keeps the files small; what comes out is
written with all its digits (repr), so that a reader gets the very same doubles.

A tensor is {"shape": [...], "data": [row-major]}, its gradient in "grad".
"""
import json
import os

import torch
import torch.nn.functional as F
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
torch.manual_seed(20240607)


def values(*shape, scale=1.0):
    """Random numbers of three decimals: leaves."""
    return (torch.randn(*shape) * scale * 1000).round() / 1000


def leaf(*shape, scale=1.0):
    return values(*shape, scale=scale).requires_grad_()


def stored(tensor):
    flat = tensor.detach().reshape(-1).tolist()
    out = {"shape": list(tensor.shape), "data": flat}
    if tensor.is_leaf and tensor.grad is not None:
        out["grad"] = tensor.grad.reshape(-1).tolist()
    return out


def write(name, **content):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    with open(path, "w") as file:
        file.write('{\n"made_by": "tests/golden/make.py",\n"torch": %s' % json.dumps(torch.__version__))
        for key, cases in content.items():
            rows = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
            file.write(",\n%s: [\n%s\n]" % (json.dumps(key), rows))
        file.write("\n}\n")
    print("%s: %d bytes" % (name, os.path.getsize(path)))


# ---- Recurrent layers ----

T, B, I, H = 4, 3, 2, 3


def recurrent(kind, layers=1, bidirectional=False, lengths=None, proj=0, bias=True):
    options = dict(num_layers=layers, bidirectional=bidirectional, bias=bias)
    if kind == "lstm":
        module = torch.nn.LSTM(I, H, proj_size=proj, **options)
    elif kind == "gru":
        module = torch.nn.GRU(I, H, **options)
    else:
        module = torch.nn.RNN(I, H, nonlinearity=kind, **options)
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(values(*p.shape, scale=0.6))
    cells = layers * (2 if bidirectional else 1)
    out_size = proj or H
    x = leaf(T, B, I)
    initial = [leaf(cells, B, out_size, scale=0.7)]
    if kind == "lstm":
        initial.append(leaf(cells, B, H, scale=0.7))
    state = tuple(initial) if kind == "lstm" else initial[0]
    fed = x if lengths is None else pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    out, final = module(fed, state)
    if lengths is not None:
        out, _ = pad_packed_sequence(out, total_length=T)
    final = list(final) if kind == "lstm" else [final]

    # Every element of the outputs and of the final states counts with a weight of its own.
    weights = [values(*y.shape) for y in [out] + final]
    loss = sum((w * y).sum() for w, y in zip(weights, [out] + final))
    loss.backward()
    name = "".join(
        [
            kind,
            ", %d layers" % layers,
            ", bidirectional" if bidirectional else "",
            ", lengths %s" % lengths if lengths else "",
            ", projection" if proj else "",
            "" if bias else ", no bias",
        ]
    )
    return {
        "name": name,
        "kind": kind,
        "input": I,
        "hidden": H,
        "layers": layers,
        "bidirectional": bidirectional,
        "projection": proj,
        "bias": bias,
        "lengths": lengths,
        "parameters": {n: stored(p) for n, p in module.named_parameters()},
        "x": stored(x),
        "initial": [stored(s) for s in initial],
        "outputs": stored(out),
        "final": [stored(s) for s in final],
        "weights": [stored(w) for w in weights],
    }


def recurrent_cases():
    for kind in "lstm", "gru", "tanh", "relu":
        yield recurrent(kind)
        yield recurrent(kind, layers=2)
        yield recurrent(kind, bidirectional=True)
        yield recurrent(kind, layers=2, bidirectional=True)
        yield recurrent(kind, lengths=[2, 4, 1])
        yield recurrent(kind, layers=2, bidirectional=True, lengths=[3, 1, 2])  # nobody reaches the last step
        yield recurrent(kind, layers=2, bias=False)
    yield recurrent("lstm", proj=2)
    yield recurrent("lstm", layers=2, bidirectional=True, proj=2, lengths=[1, 4, 2])


# ---- Losses, normalisation, embedding ----


def loss_case(name, function, arguments, options, reductions=("mean", "sum", "none"), **more):
    """function(reduction=...) is differentiated by those of `arguments` that want it; reduction none by a
    random-weighted sum."""
    for reduction in reductions:
        for a in arguments.values():
            a.grad = None
        y = function(reduction=reduction)
        weight = values(*y.shape) if reduction == "none" else torch.tensor(1.0)
        (weight * y).sum().backward()
        yield dict(
            {
                "name": "%s, %s" % (name, reduction),
                "loss": name.split(",")[0],
                "reduction": reduction,
                "options": options,
                "arguments": {n: stored(a) for n, a in arguments.items()},
                "value": stored(y),
                "weight": stored(weight),
            },
            **more,
        )


def elementwise_losses():
    p, y = leaf(3, 4), leaf(3, 4)
    with torch.no_grad():
        p[0, :3] = y[0, :3] + torch.tensor([0.0, 0.5, -1.0])  # the kinks of mae and huber
    yield from loss_case(
        "mse", lambda reduction: F.mse_loss(p, y, reduction=reduction), {"prediction": p, "target": y}, {}
    )
    yield from loss_case(
        "mae", lambda reduction: F.l1_loss(p, y, reduction=reduction), {"prediction": p, "target": y}, {}
    )
    for delta in 0.5, 1.0:
        yield from loss_case(
            "huber, delta %g" % delta,
            lambda reduction: F.huber_loss(p, y, reduction=reduction, delta=delta),
            {"prediction": p, "target": y},
            {"delta": delta},
        )
    logits, labels = leaf(3, 4, scale=3), torch.rand(3, 4).mul(1000).round().div(1000)
    with torch.no_grad():
        logits[0, :3] = torch.tensor([0.0, 40.0, -40.0])
        labels[0, :4] = torch.tensor([1.0, 0.0, 1.0, 0.0])
    labels.requires_grad_()
    yield from loss_case(
        "bce_with_logits",
        lambda reduction: F.binary_cross_entropy_with_logits(logits, labels, reduction=reduction),
        {"prediction": logits, "target": labels},
        {},
    )


def class_losses():
    # PyTorch wants the classes in axis 1; the stored tensors have them last.
    for shape in (5,), (3, 2):
        logits, target = leaf(*shape, 4, scale=2), torch.randint(0, 4, shape)
        target.view(-1)[1] = target.view(-1)[0]
        weight = torch.tensor([0.5, 1.25, 2.0, 0.75])
        ignored = target.clone()
        ignored.view(-1)[2] = -100
        for smoothing in 0.0, 0.1:
            for w in None, weight:
                for labels in target, ignored:
                    options = {"label_smoothing": smoothing, "weighted": w is not None, "ignore": labels is ignored}
                    name = "cross_entropy, %s, smoothing %g%s%s" % (
                        list(shape),
                        smoothing,
                        ", weights" if w is not None else "",
                        ", ignored" if labels is ignored else "",
                    )
                    arguments = {"prediction": logits, "target": labels, "weight": weight}
                    yield from loss_case(
                        name,
                        lambda reduction: F.cross_entropy(
                            logits.movedim(-1, 1), labels, weight=w, reduction=reduction, label_smoothing=smoothing
                        ),
                        arguments,
                        options,
                    )
        for w in None, weight:
            for labels in target, ignored:
                options = {"label_smoothing": 0.0, "weighted": w is not None, "ignore": labels is ignored}
                name = "nll, %s%s%s" % (
                    list(shape),
                    ", weights" if w is not None else "",
                    ", ignored" if labels is ignored else "",
                )
                arguments = {"prediction": logits, "target": labels, "weight": weight}
                yield from loss_case(
                    name,
                    lambda reduction: F.nll_loss(logits.movedim(-1, 1), labels, weight=w, reduction=reduction),
                    arguments,
                    options,
                )


def ctc_losses():
    # What PyTorch returns as the gradient by log-probabilities is already the one by the logits below log_softmax,
    # which then passes it on unchanged since its rows add up to 0. So only the gradient by logits can be compared.
    logits = leaf(6, 5, 4, scale=1.5)
    blank_first = torch.tensor([[1, 2, 3], [2, 2, 1], [3, 3, 3], [1, 2, 3], [1, 1, 3]])
    blank_last = blank_first - 1
    target_lengths, input_lengths = torch.tensor([3, 3, 2, 0, 2]), torch.tensor([6, 5, 4, 3, 3])
    for blank, targets in (0, blank_first), (3, blank_last):
        arguments = {
            "prediction": logits,
            "target": targets,
            "input_lengths": input_lengths,
            "target_lengths": target_lengths,
        }
        yield from loss_case(
            "ctc, blank %d" % blank,
            lambda reduction: F.ctc_loss(
                F.log_softmax(logits, -1), targets, input_lengths, target_lengths, blank=blank, reduction=reduction
            ),
            arguments,
            {"blank": blank},
        )
    # Of these the second (2, 2, 1 needs four steps) and the last are impossible.
    short = torch.tensor([3, 3, 3, 1, 2])
    arguments = {"prediction": logits, "target": blank_first, "input_lengths": short, "target_lengths": target_lengths}
    yield from loss_case(
        "ctc, zero_infinity",
        lambda reduction: F.ctc_loss(
            F.log_softmax(logits, -1), blank_first, short, target_lengths, reduction=reduction, zero_infinity=True
        ),
        arguments,
        {"blank": 0, "zero_infinity": True},
    )


def module_cases():
    x, w, b = leaf(3, 2, 5), leaf(5), leaf(5)
    yield from loss_case(
        "layer_norm",
        lambda reduction: F.layer_norm(x, (5,), w, b, 1e-5),
        {"x": x, "weight": w, "bias": b},
        {},
        ("none",),
    )
    table, index = leaf(6, 3), torch.tensor([[0, 5, 2], [2, 2, 1]])
    yield from loss_case(
        "embedding", lambda reduction: F.embedding(index, table), {"weight": table, "index": index}, {}, ("none",)
    )


# ---- Optimisers ----

STEPS = 20


def problem():
    """Half a quadratic form of p less a linear one, and tanhs of what both parameters give together."""
    return leaf(3), leaf(2, 3, scale=0.5)


root = values(3, 3)
MATRIX = (root @ root.T + torch.eye(3)).mul(1000).round().div(1000)
LINEAR, SHIFT = values(3), values(2)


def objective(p, q):
    return 0.5 * p @ MATRIX @ p - LINEAR @ p + (torch.tanh(q @ p + SHIFT) * (1.0 + q.sum(1))).sum()


def trajectory(name, optimiser, options, clip=None):
    p, q = problem()
    start = [stored(p), stored(q)]
    make = {
        "sgd": torch.optim.SGD,
        "rmsprop": torch.optim.RMSprop,
        "adagrad": torch.optim.Adagrad,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }[optimiser]
    torch_options = dict(options)
    if "beta1" in options:
        torch_options["betas"] = (torch_options.pop("beta1"), torch_options.pop("beta2"))
    if "initial" in options:
        torch_options["initial_accumulator_value"] = torch_options.pop("initial")
    run = make([p, q], foreach=False, **torch_options)
    steps, losses = [], []
    for _ in range(STEPS):
        run.zero_grad()
        loss = objective(p, q)
        loss.backward()
        if clip and "norm" in clip:
            clip_grad_norm_([p, q], clip["norm"])
        elif clip:
            clip_grad_value_([p, q], clip["value"])
        run.step()
        losses.append(loss.item())
        steps.append(torch.cat([p.detach().reshape(-1), q.detach().reshape(-1)]).tolist())
    return {
        "name": name,
        "optimiser": optimiser,
        "options": options,
        "clip": clip or {},
        "start": start,
        "losses": losses,
        "steps": steps,
    }


def trajectories():
    yield trajectory("SGD", "sgd", {"lr": 0.05})
    yield trajectory("SGD weight decay", "sgd", {"lr": 0.05, "weight_decay": 0.1})
    yield trajectory("SGD momentum", "sgd", {"lr": 0.03, "momentum": 0.9})
    yield trajectory(
        "SGD momentum dampening", "sgd", {"lr": 0.03, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.05}
    )
    yield trajectory("SGD nesterov", "sgd", {"lr": 0.03, "momentum": 0.8, "nesterov": True, "weight_decay": 0.02})
    yield trajectory("RMSprop", "rmsprop", {"lr": 0.02})
    yield trajectory("RMSprop alpha eps", "rmsprop", {"lr": 0.02, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1})
    yield trajectory("RMSprop momentum", "rmsprop", {"lr": 0.01, "momentum": 0.7})
    yield trajectory("RMSprop centered", "rmsprop", {"lr": 0.02, "centered": True})
    yield trajectory(
        "RMSprop centered momentum",
        "rmsprop",
        {"lr": 0.01, "alpha": 0.9, "momentum": 0.5, "centered": True, "weight_decay": 0.05},
    )
    yield trajectory("Adagrad", "adagrad", {"lr": 0.1})
    yield trajectory(
        "Adagrad decay", "adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.05, "initial": 0.3, "eps": 1e-6}
    )
    yield trajectory("Adam", "adam", {"lr": 0.05})
    yield trajectory(
        "Adam options", "adam", {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 1e-4, "weight_decay": 0.1}
    )
    yield trajectory("AMSGrad", "adam", {"lr": 0.1, "beta1": 0.9, "beta2": 0.7, "amsgrad": True})
    yield trajectory("AdamW", "adamw", {"lr": 0.05, "weight_decay": 0.2})
    yield trajectory(
        "AdamW AMSGrad", "adamw", {"lr": 0.1, "beta1": 0.9, "beta2": 0.7, "weight_decay": 0.01, "amsgrad": True}
    )
    yield trajectory("SGD clipped by norm", "sgd", {"lr": 0.1}, {"norm": 0.75})
    yield trajectory("Adam clipped by value", "adam", {"lr": 0.05}, {"value": 0.4})


def clips():
    for name, limit in ("norm", 1.5), ("norm", 100.0), ("norm", 1e-3), ("value", 0.5), ("value", 50.0):
        grads = [values(3), values(2, 4, scale=2)]
        holders = [torch.zeros_like(g).requires_grad_() for g in grads]
        for h, g in zip(holders, grads):
            h.grad = g.clone()
        norm = clip_grad_norm_(holders, limit, foreach=False).item() if name == "norm" else None
        if name == "value":
            clip_grad_value_(holders, limit, foreach=False)
        yield {
            "kind": name,
            "limit": limit,
            "grads": [stored(g) for g in grads],
            "norm": norm,
            "clipped": [stored(h.grad) for h in holders],
        }


def schedules():
    def run(kind, make, steps, options):
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=options["lr"])
        schedule, rates = make(optimiser), []
        for _ in range(steps):
            rates.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
        return {"kind": kind, "options": options, "rates": rates}

    S = torch.optim.lr_scheduler
    yield run("step", lambda o: S.StepLR(o, 4, 0.5), 20, {"lr": 0.3, "every": 4, "gamma": 0.5})
    yield run("exponential", lambda o: S.ExponentialLR(o, 0.9), 20, {"lr": 0.3, "gamma": 0.9})
    # Behind T_max PyTorch's rate rises again; eddy's stays low: compared up to there.
    yield run("cosine", lambda o: S.CosineAnnealingLR(o, 16, 0.02), 17, {"lr": 0.3, "total": 16, "low": 0.02})
    yield run("one_cycle", lambda o: S.OneCycleLR(o, 0.3, 20, cycle_momentum=False), 20, {"lr": 0.3, "total": 20})
    yield run(
        "one_cycle",
        lambda o: S.OneCycleLR(o, 0.3, 15, pct_start=0.4, div_factor=10, final_div_factor=100, cycle_momentum=False),
        15,
        {"lr": 0.3, "total": 15, "rise": 0.4, "start_factor": 10.0, "end_factor": 100.0},
    )


def plateaus():
    for options in {"factor": 0.5, "patience": 2, "threshold": 1e-2, "low": 0.02}, {
        "factor": 0.1,
        "patience": 1,
        "threshold": 1e-4,
        "low": 0.0,
    }:
        lr, rates = 0.2, []
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimiser,
            factor=options["factor"],
            patience=options["patience"],
            threshold=options["threshold"],
            min_lr=options["low"],
        )
        metrics = [1.0, 0.9, 0.895, 0.893, 0.892, 0.5, 0.6, 0.6, 0.499, 0.6] + [0.4] * 14
        for m in metrics:
            schedule.step(m)
            rates.append(optimiser.param_groups[0]["lr"])
        yield {"options": options, "lr": lr, "metrics": metrics, "rates": rates}


if __name__ == "__main__":
    write("rnn.json", cases=recurrent_cases())
    write(
        "loss.json",
        cases=(case for part in (elementwise_losses(), class_losses(), ctc_losses(), module_cases()) for case in part),
    )
    write(
        "optim.json",
        problem=[{"matrix": stored(MATRIX), "linear": stored(LINEAR), "shift": stored(SHIFT)}],
        trajectories=trajectories(),
        clips=clips(),
        schedules=schedules(),
        plateaus=plateaus(),
    )
