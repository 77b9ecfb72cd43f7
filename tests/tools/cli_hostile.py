#!/usr/bin/env python3
"""The program eddy among hostile names and broken descriptors: cli_hostile.py EDDY [NAME...]

Names with quotes, newlines, shell and gnuplot commands and escape sequences; files in the way; standard streams that
are closed, full, or a pipe that nobody reads; signals; two runs in one folder. Nothing that a name says is ever done,
nothing raw reaches a terminal, and every failure is a sentence and an exit status.
"""
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

EDDY = os.path.abspath(sys.argv[1])
SAMPLED = int(os.environ.get("EDDY_TEST_EVERY", "1")) > 1
SMALL = ["train", "forecast", "--epochs", "3", "--hidden", "4", "--window", "5"]
checks = failures = 0


def check(good, what):
    global checks, failures
    checks += 1
    if not good:
        failures += 1
        print(f"FAILED: {what}")


def run(*arguments, status=0, says=(), **how):
    """Runs eddy; nothing that a terminal obeys may be in what it prints."""
    how = {"stdout": subprocess.PIPE, "stdin": subprocess.DEVNULL, **how}
    done = subprocess.run([EDDY, *arguments], stderr=subprocess.PIPE, timeout=120, **how)
    out, err = (done.stdout or b"").decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    label = f"eddy {' '.join(map(repr, arguments))}: status {done.returncode}\n{out[-600:]}{err[-600:]}"
    check(done.returncode == status if isinstance(status, int) else done.returncode in status, label)
    for words in [says] if isinstance(says, str) else says:
        check(words in out + err, f"{label}\n({words!r} expected)")
    check(
        not set(out + err) & set(map(chr, [*range(9), *range(11, 32), *range(127, 160)])),
        f"{label}\n(a control character)",
    )
    return out


NAMES = [
    "a\n! touch pwned\n",
    "x';system('touch pwned');'",
    "`touch pwned`",
    "$(touch pwned)",
    "; touch pwned;",
    "q\"u'o",
    "back\\slash\\n",
    "-dash",
    "%s%n%p",
    " sp ace ",
    "!touch pwned",
    "#c",
    "\033[31mred\033[0m",
    "\u202egnp",
    "a&touch pwned&",
    "|touch pwned",
    "@x",
    "'",
    '"',
    "E'\nEND\n!touch pwned\n",
]


def pictures():
    return shutil.which("gnuplot") is not None


def test_names():
    for number, name in enumerate(NAMES):
        os.makedirs(name)
        run(*SMALL, "--quiet", "--out", f"./{name}/m.safetensors", says="train MSE")
        check(os.path.exists(f"{name}/m.safetensors") and os.path.exists(f"{name}/log.csv"), f"results in {name!r}")
        if pictures():
            for svg in "loss", "series", "test":
                check(Path(name, f"{svg}.svg").read_text().rstrip().endswith("</svg>"), f"{svg}.svg in {name!r}")
        run("forecast", f"./{name}/m.safetensors", "--steps", "1", "--json")
        run("graph", "lstm", "--steps", "1", "-o", f"./{name}/{name}.dot", says="written")
        run("graph", "lstm", "--steps", "1", "-o", f"./{name}/{name}.svg", says="written")
        check(not list(Path(".").rglob("pwned")), f"{name!r} was obeyed")
        check(not list(Path(name).glob(".eddy-*")), f"temporaries are left in {name!r}")
        shutil.rmtree(name)
        commands = (
            [name],
            ["graph", name],
            ["graph", "lstm", "-o", name],
            ["forecast", f"./{name}"],
            ["check", f"./{name}"],
            ["explain", name],
            ["gradcheck", name],
            ["bench-tasks", name],
            ["train", name],
            [*SMALL, "--lr", name],
            [*SMALL, "--data", f"./{name}"],
            ["graph", f"--{name}"],
            ["help", name],
        )
        # A slow build takes each name and each command, not each pair of them.
        for command in commands[number % 4 :: 4] if SAMPLED else commands:
            run(*command, status=2)
        Path(f"{name}.md").write_text("<!-- eddy\ngiven x_t in R^I\n-->\n$$x_t + x_t = 2 x_t$$\n")
        run("check", f"./{name}.md", f"./{name}.md", says="1 holds")
        run("check", f"./{name}.md", "--html", f"./{name}.html")
        check(not list(Path(".").rglob("pwned")), f"{name!r} was obeyed")
    if not pictures():
        print("SKIPPED: pictures (gnuplot is not installed)")


def test_headers():
    Path("t.csv").write_text("a\033[2J,b\n1,x\033]0;t\a\n")
    run(*SMALL, "--data", "t.csv", status=2, says="a\\x1b[2J, b")
    run(*SMALL, "--data", "t.csv", "--column", "b", status=2, says='"x\\x1b]0;t\\x07" is not a number')
    Path("t.csv").write_text("a,b,a\n" + "".join(f"{k},{k * k % 7},{k}\n" for k in range(30)))
    run(*SMALL, "--data", "t.csv", "--column", "a", status=2, says='two columns "a", numbers 1 and 3')
    run(*SMALL, "--data", "t.csv", "--column", "b", "--no-plot", says="train MSE")
    Path("cr.csv").write_text("\r".join(["v"] + [f"{k * k % 11}" for k in range(30)]) + "\r")
    run(*SMALL, "--data", "cr.csv", "--no-plot", says="30 values")
    for gap in "", '""':
        Path("gap.csv").write_text(f"v,w\n1,1\n{gap},2\n3,3\n")
        run(*SMALL, "--data", "gap.csv", "--column", "v", status=2, says="line 3, column 1: a gap")
    Path("same.csv").write_text("7\n" * 40)
    run(*SMALL, "--data", "same.csv", status=2, says="same.csv is constant: all its 40 values are 7")
    Path("line.csv").write_text("".join(f"{k}\n" for k in range(40)))
    out = run(*SMALL, "--data", "line.csv", "--no-plot", says="train MSE")
    check("nan" not in out and "inf" not in out, f"a line has well-defined figures: {out}")
    Path("large.csv").write_text("".join(f"{k % 3}e300\n" for k in range(40)))
    out = run(*SMALL, "--data", "large.csv", "--no-plot", status=(0, 1, 2))
    check("nan" not in out and "inf" not in out, f"no figure is infinite: {out}")


def test_document():
    Path("d.md").write_text(
        "# A\033[31mB\n\n<!-- eddy\ngiven x_t in R^I\n-->\n$$x_t = x_t \\tag{i\033[7md}$$\n\n$$\\frob\033]0;t\a{x}$$\n",
        encoding="utf-8",
    )
    for more in [], ["-v"], ["-V"], ["--json"]:
        run("check", *more, "d.md", status=(0, 1, 2))


def commands():
    Path("d.md").write_text("<!-- eddy\ngiven x_t in R^I\n-->\n$$x_t + x_t = 2 x_t \\tag{a}$$\n")
    run(*SMALL, "--no-plot")
    return [
        ["--help"],
        ["--version"],
        ["help", "graph"],
        ["graph", "lstm"],
        ["graph", "rnn", "--steps", "1", "--no-sites", "--no-shapes"],
        ["explain", "lstm"],
        ["explain", "lstm", "--json"],
        ["check", "d.md"],
        ["check", "-v", "d.md"],
        ["check", "--json", "d.md"],
        ["gradcheck", "tanh"],
        ["forecast", "forecast/model.safetensors"],
        ["forecast", "forecast/model.safetensors", "--json"],
        ["bench-tasks", "--list"],
        [*SMALL, "--no-plot", "--out", "./again.safetensors"],
    ]


def test_full_output():
    if not os.path.exists("/dev/full"):
        print("SKIPPED: a full disk (there is no /dev/full)")
        return
    for command in commands():
        with open("/dev/full", "wb") as full:
            run(*command, status=(1, 2), stdout=full, says="No space left on device")


def test_closed_output():
    for command in commands():
        run(*command, status=2, stdout=None, preexec_fn=lambda: os.close(1), says="the standard output is closed")
    for number in 0, 1, 2:  # what is printed must not end up in the page
        run(
            "check",
            "d.md",
            "--html",
            "page.html",
            status=2 if number == 1 else 0,
            stdout=None if number == 1 else subprocess.PIPE,
            preexec_fn=lambda: os.close(number),
        )
        page = Path("page.html").read_text()
        check(page.lstrip().startswith("<!") and page.rstrip().endswith("</html>"), f"the page with {number} closed")
        os.remove("page.html")
    run("check", "-", status=2, preexec_fn=lambda: os.close(0), says="cannot be read")
    run("explain", "lstm", "--html", "page.html", status=2, stdout=None, preexec_fn=lambda: (os.close(0), os.close(1)))
    check(Path("page.html").read_text().lstrip().startswith("<!"), "the page of explain")
    run("graph", "rnn", status=0, preexec_fn=lambda: os.close(2))


def test_broken_pipe():
    for command in commands():
        read, write = os.pipe()
        os.close(read)
        run(*command, status=(1, 2), stdout=write, says="Broken pipe")
        os.close(write)
    check(Path("again.safetensors").exists(), "a model is kept when its table cannot be printed")


def test_large_files():
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)

    run(*SMALL, "--no-plot", status=1, preexec_fn=limit, says="File too large")
    check(not list(Path("forecast").glob(".eddy-*")), "a temporary file is left")
    run("graph", "lstm", "-o", "g.dot", status=1, preexec_fn=limit, says="File too large")
    run("explain", "lstm", "--html", "p.html", status=1, preexec_fn=limit, says="File too large")
    check(not Path("g.dot").exists() and not Path("p.html").exists(), "a part of a file is left")


def test_files_in_the_way():
    Path("victim").write_text("precious")
    os.mkdir("forecast")
    for name in (
        "log.csv.partial",
        "model.safetensors.partial",
        "loss.svg.partial",
        "predictions.csv.part",
        "lstm.svg.part",
    ):
        os.symlink("../victim", f"forecast/{name}")
    run(*SMALL)
    run("graph", "lstm", "--steps", "1", "-o", "forecast/lstm.svg")
    check(Path("victim").read_text() == "precious", "a temporary name followed a link")
    os.mkdir("real")
    for name in (
        "m.safetensors",
        "m.last.safetensors",
        "log.csv",
        "predictions.csv",
        "loss.svg",
        "series.svg",
        "test.svg",
    ):
        os.makedirs("linked", exist_ok=True)
        os.symlink(f"../real/{name}", f"linked/{name}")
    run(*SMALL, "--out", "linked/m.safetensors")
    check(all(p.is_symlink() for p in Path("linked").iterdir()), "links stay links")
    check(
        {p.name for p in Path("real").iterdir()} >= {"log.csv", "m.safetensors", "predictions.csv"},
        "their targets are written",
    )
    os.chmod("real/log.csv", 0o640)
    run(*SMALL, "--out", "linked/m.safetensors")
    check(stat.S_IMODE(os.stat("real/log.csv").st_mode) == 0o640, "the mode is kept")
    os.mkfifo("pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
        run("graph", "rnn", "--steps", "1", "-o", "./pipe", status=2, says="ending")
        os.symlink("pipe", "pipe.dot")
        run("graph", "rnn", "--steps", "1", "-o", "pipe.dot", says="written")
        check(reader.communicate()[0].startswith(b"digraph"), "the graph came through the pipe")
    check(stat.S_ISFIFO(os.stat("pipe").st_mode), "the pipe was replaced")


def test_two_runs():
    many = [EDDY, "train", "forecast", "--hidden", "4", "--window", "5", "--no-plot", "--quiet"]
    runs = [
        subprocess.Popen([*many, "--epochs", str(n), "--seed", str(n)], stdout=subprocess.DEVNULL) for n in (40, 60, 80)
    ]
    check(all(one.wait(timeout=120) == 0 for one in runs), "all runs end well")
    log = Path("forecast/log.csv").read_text().splitlines()
    epochs = len(log) - 1
    check(
        epochs in (40, 60, 80) and [line.split(",")[0] for line in log[1:]] == [str(k + 1) for k in range(epochs)],
        "the log is of one run",
    )
    one = [line.rsplit(",", 1)[0] for line in log]
    subprocess.run([*many, "--epochs", str(epochs), "--seed", str(epochs)], stdout=subprocess.DEVNULL, check=True)
    log = Path("forecast/log.csv").read_text().splitlines()
    check([line.rsplit(",", 1)[0] for line in log] == one, "and whole, but for the clock")
    check(
        sorted(p.name for p in Path("forecast").iterdir())
        == ["log.csv", "model.last.safetensors", "model.safetensors", "predictions.csv"],
        "nothing else is left",
    )


def test_locale():
    environment = {**os.environ, "LC_ALL": "de_DE.UTF-8"}
    os.mkdir("locale")
    made = (
        subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", "locale/de_DE.UTF-8"], capture_output=True)
        if shutil.which("localedef")
        else None
    )
    if not made or not os.path.isdir("locale/de_DE.UTF-8"):
        print("SKIPPED: a locale with a decimal comma (localedef makes none)")
    environment["LOCPATH"] = os.path.abspath("locale")
    for command in commands()[3:]:
        if command[0] not in ("check", "gradcheck"):  # times are printed there
            check(run(*command) == run(*command, env=environment), f"{command}: the same in any locale")


def main():
    chosen = sys.argv[2:]
    for name, test in list(globals().items()):
        if name.startswith("test_") and (not chosen or name[5:] in chosen):
            before, home = checks, os.getcwd()
            with tempfile.TemporaryDirectory() as folder:
                os.chdir(folder)
                try:
                    test()
                except Exception:
                    check(False, f"{name}: {traceback.format_exc()}")
                os.chdir(home)
            if checks == before:
                print(f"{name} checked nothing")
    print(f"{100 * (checks - failures) // checks if checks else 0}%: Checks: {checks}, Failures: {failures}, Errors: 0")
    return 1 if failures or not checks else 0


if __name__ == "__main__":
    sys.exit(main())
