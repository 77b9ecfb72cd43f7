#!/usr/bin/env python3
"""What is wrong with a file is told in one sentence that says where: bad_input.py CLI.PY EDDY [NAME...]

Tables of files of each kind, each broken in one way, and what the sentence must say; status 2, nothing written. Where a
file is unusual and not wrong (a byte order mark, CR LF, semicolons) it must be read.
"""
import itertools
import json
import math
import os
import random
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]).parent))
del sys.argv[1]
import cli  # noqa: E402
from cli import check, run  # noqa: E402

BINARY = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(128, 256))
SMALL = ["-q", "--epochs", "1", "--hidden", "4", "-o", "out.safetensors"]


def refuse(command, name, data, says):
    Path(name).write_bytes(data if isinstance(data, bytes) else data.encode())
    run(*command, name, status=2, says=says, silent_out=True)
    check(sorted(os.listdir()) == [name], f"{command} {says}: something was written: {os.listdir()}")
    os.remove(name)


def accept(command, name, data):
    Path(name).write_bytes(data if isinstance(data, bytes) else data.encode())
    run(*command, name)
    for path in os.listdir():
        os.remove(path)


def days(*rows):
    return "d,b\n" + "".join(f"2020-01-{day:02},{k % 7}\n" for k, day in enumerate(rows))


def test_series():
    command = ["train", "forecast", *SMALL, "--no-plot", "--window", "3", "--column", "b", "--data"]
    rows = "".join(f"{k},{k * k % 7}\n" for k in range(40))
    for data, says in (
        ("", "s.csv is empty"),
        (BINARY, "not text: byte 8 is zero"),
        ("a,b\n1,2\n".encode("utf16"), "not text"),
        ("a,b\n1,2\n2;3\n3,4\n", "line 3 has 1 field, but line 1 has 2"),
        ("a,b\n1,2\n2,3\n3", "line 4 has 1 field"),
        ("a;b\n1;0,5\n", 'line 2, column 2: "0,5" is not a number; its decimals must follow a point'),
        ("a,b\n1,2\n2,\n3,4\n", 'line 3, column 2: a gap \\(""\\).*--gaps carry.*--gaps drop'),
        ("a,b\n1,2\n2,NaN\n3,4\n", 'line 3, column 2: a gap \\("NaN"\\)'),
        ("a,b\n1,2\n2,inf\n", 'line 3, column 2: "inf" is not a number'),
        ("a,b\n" + "".join(f"{k},5\n" for k in range(40)), "constant: all its 40 values are 5"),
        (days(1, 3, 2), "line 4: the date 2020-01-02 is before line 3's"),
        (days(1, 2, 2), "line 4: the date 2020-01-02 is also line 3's"),
        (days(1, 2, 32, 4), 'line 4, column 1: "2020-01-32" is no date of the form of those before'),
        (days(1, 2, 3) + ",4\n", 'line 5, column 1: "" is no date'),
        ("a,b\n", "0 values, too few"),
        ("a,b\n" + "".join(f"{k},{k % 3}e307\n" for k in range(40)), "cannot be standardised: .*overflows"),
        (b"\x10\0\0\0\0\0\0\0{}              ", "not text"),
    ):
        refuse(command, "s.csv", data, says)
    refuse(
        [*command[:-1], "--gaps", "carry", "--data"],
        "s.csv",
        "a,b\n1,\n2,1\n" + rows,
        "first row has no value before it",
    )
    refuse([*command[:-1], "--inputs", "b", "--data"], "s.csv", "a,b\n" + rows, "chosen twice")
    refuse(command, "s.npy", b"\x93NUMPY\x01\x00", "s.npy")
    accept(command, "s.csv", "\ufeffa,b\r\n" + rows.replace("\n", "\r\n"))
    accept(command, "s.csv", "a;b\n" + rows.replace(",", ";"))
    accept([*command[:-1], "--gaps", "drop", "--data"], "s.csv", "a,b\n" + rows + "41,NA\n42,3\n")


def test_text():
    command = ["train", "text", *SMALL, "--batch", "4", "--time", "8", "--data"]
    plain = "one two three four five\n" * 60
    for data, says in (
        ("", "t.txt is empty"),
        (BINARY, "line 1, column 1: these bytes are no UTF-8"),
        (plain.encode("utf16"), "no UTF-8"),
        (plain.encode() + b"\xe9t\xe9", "line 61, column 1: these bytes are no UTF-8"),
        (plain.encode() + b"\xc3", "line 61, column 1"),
        (plain + "\0", "line 61, column 1: there is a zero byte"),
        ("a" * 400, "only one character"),
        ("ab", "too few"),
    ):
        refuse(command, "t.txt", data, says)
    accept(command, "t.txt", "\ufeff" + plain.replace("\n", "\r\n"))


def test_pairs():
    command = ["train", "translate", *SMALL, "--data"]
    pairs = "".join(f"{n}\t{str(n)[::-1]}\n" for n in range(100, 300))
    for data, says in (
        ("", "p.txt is empty"),
        (BINARY, "no UTF-8"),
        ("a b\n", "line 1: there is no tab"),
        ("a\t\n", "line 1: a sentence is empty"),
        (pairs.replace("150\t", "\n150\t"), "line 51: there is no tab"),
        (pairs.encode() + b"\xe9\t1\n", "line 201, column 1: these bytes are no UTF-8"),
        (("x" * 50 + "\ty\n") * 50, "0 pairs of sentences that are not too long"),
    ):
        refuse(command, "p.txt", data, says)
    accept(command, "p.txt", "\ufeff" + pairs.replace("\n", "\r\n"))


def test_classes():
    command = ["train", "classify", *SMALL, "--data"]
    table = "id,x,y,class\n" + "".join(
        f"{i},{i % 3 + 0.1 * t},{t},{'abc'[i % 3]}\n" for i in range(30) for t in range(3 + i % 4)
    )
    lines = "@problemName x\n@classLabel true a b\n@data\n" + "".join(
        f"1,2,{i}:3,4,{i}:{'ab'[i % 2]}\n" for i in range(30)
    )
    for data, says in (
        ("", "c.csv is empty"),
        (BINARY, "not text"),
        ("id,x,c\n" + "".join(f"{i // 3},{i},a\n" for i in range(60)), "one class only"),
        (table.replace("0.1", "", 1), 'line 3, column 2: "" is not a number'),
        (table.replace("0.1", "nan", 1), 'line 3, column 2: "nan" is not a number'),
        (table.replace(",", ";", 7), "line 3 has 2 fields, but line 1 has 4"),
        ("id,x,y,class\n", "no sequence"),
        ("id,x,c\n0,1,a\n0,2,b\n", "line 3: the class changes within a sequence"),
        (table[:-5], "fields, but line 1 has 4"),
        ("id,class\n1,a\n", "2 columns; needed are"),
    ):
        refuse(command, "c.csv", data, says)
    for data, says in (
        ("", "c.ts is empty"),
        (BINARY, "zero byte"),
        (lines + "1,2,3:3,4,5:z\n", 'line 34: the class "z" is none of those that @classLabel lists'),
        (lines[:-6], "line 33"),
        ("@classLabel true a b\n", "no sequence"),
        (lines + "1,2:3,4,5:a\n", "line 34: dimension 2 has 3 steps, and the first has 2"),
        (lines + "1,?,3:3,4,5:a\n", 'line 34, dimension 1, step 2: "\\?" is not a number'),
        ("1,2:a\n", "stand behind a line @data"),
    ):
        refuse(command, "c.ts", data, says)
    accept(command, "c.csv", "\ufeff" + table.replace("\n", "\r\n"))
    accept(command, "c.ts", "\ufeff" + lines.replace("\n", "\r\n"))
    Path("c.csv").write_text("id,x,z,c\n" + "".join(f"{i // 3},{i},5,{'ab'[i // 3 % 2]}\n" for i in range(60)))
    run(*command[:2], *SMALL[1:], "--data", "c.csv", says="Feature 2 is constant, 5 everywhere")


def wav(kind=1, channels=1, rate=8000, bits=16, data=b"\0\1\1\0" * 400, size=None):
    form = struct.pack(
        "<IHHIIHH", 16, kind, channels, rate, rate * channels * bits // 8 & 0xFFFFFFFF, channels * bits // 8, bits
    )
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(data))
        + b"WAVEfmt "
        + form
        + b"data"
        + struct.pack("<I", len(data) if size is None else size)
        + data
    )


def test_sound():
    for data, says in (
        (b"", "a.wav is empty"),
        (BINARY, "no .wav file"),
        (b"hello", "no .wav file"),
        (wav(size=10**6), "1000000 bytes is announced, and 1600 follow"),
        (wav(size=100), "1500 bytes follow the samples that the header announces"),
        (wav(rate=0), "cannot be right"),
        (wav(channels=0), "cannot be right"),
        (wav(bits=12), "12 bits"),
        (wav(kind=2), "format 2"),
        (wav(data=b""), "no samples"),
        (wav()[:30], "cut off"),
        (wav(data=b"\0\0" * 800), "a.wav is silent: all its samples are 0"),
        (wav(data=b"\0\1\1\0" * 100), "a.wav is too short to be heard: 200 samples, and two frames, 35 ms, are 280"),
        (wav(kind=3, bits=32, data=struct.pack("<f", math.nan) * 800), "sample 0 is nan"),
    ):
        refuse(["recognise", "model.safetensors"], "a.wav", data, says)


def test_folders():
    """One bad recording among good ones, and folders that are none."""
    small = ["--epochs", "1", "--hidden", "4", "-q", "-o", "out.safetensors"]
    tasks = {"speech": [*small, "--hold-out", "none"], "connected": [*small, "--each", "10", "--most", "2"]}
    os.mkdir("rec")
    for word, speaker, take in itertools.product(("one", "two"), ("ann", "ben"), range(12)):
        chance = random.Random(f"{word}{speaker}{take}")
        sound = [int(8000 * chance.uniform(-1, 1) * (word == "one" or k // 200 % 2)) for k in range(1600)]
        Path(f"rec/{word}_{speaker}_{take}.wav").write_bytes(wav(data=struct.pack("<1600h", *sound)))
    for task, options in tasks.items():
        command = ["train", task, *options, "--data"]
        for name, data, says in (
            ("one_ann_3.wav", b"", "rec/one_ann_3.wav is empty"),
            ("one_ann_3.wav", BINARY, "rec/one_ann_3.wav is no .wav file"),
            ("one_ann_3.wav", wav(size=10**6), "rec/one_ann_3.wav.*header is wrong"),
            ("one_ann_3.wav", wav(data=b"\0\0" * 800), "rec/one_ann_3.wav is silent"),
            ("hello.wav", wav(), "rec/hello.wav: the name of a recording is to be WORD_SPEAKER_NUMBER.wav"),
        ):
            path = Path("rec", name)
            before = path.read_bytes() if path.exists() else None
            path.write_bytes(data)
            run(*command, "rec", status=2, says=says, silent_out=True)
            path.unlink()
            if before:
                path.write_bytes(before)
        run(*command, "nowhere", status=2, says="nowhere: no folder that can be read")
        run(*command, "rec/one_ann_1.wav", status=2, says="no folder that can be read: Not a directory")
        check(os.listdir() == ["rec"], f"{task}: something was written: {os.listdir()}")
    for path in Path("rec").glob("two_*"):
        path.unlink()
    run("train", "speech", *tasks["speech"], "--data", "rec", status=2, says="All recordings are of one word")
    run("train", "connected", *tasks["connected"], "--data", "rec", status=2, says="All recordings are of one word")
    for path in Path("rec").glob("*_ben_*"):
        path.unlink()
    run(
        "train",
        "connected",
        *tasks["connected"],
        "--data",
        "rec",
        status=2,
        says="All recordings are of one word|There are 1 speakers",
    )
    for path in Path("rec").iterdir():
        path.unlink()
    run("train", "speech", *tasks["speech"], "--data", "rec", status=2, says="rec has no .wav file")


def claiming(model, **rows):
    """A copy of a model file whose card says something else."""
    data = Path(model).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"].update({f"eddy.{name}": value for name, value in rows.items()})
    text = json.dumps(header).encode()
    Path("m.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])
    return "m.safetensors"


def test_models():
    """Each command says which task a model is of, and that a checkpoint is none."""
    plain = "one two three four five\n" * 60
    Path("t.txt").write_text(plain)
    Path("p.txt").write_text("".join(f"{n}\t{str(n)[::-1]}\n" for n in range(100, 300)))
    Path("s.csv").write_text("b\n" + "".join(f"{k * k % 7}\n" for k in range(40)))
    Path("a.wav").write_bytes(wav())
    small = ["-q", "--epochs", "1", "--hidden", "4"]
    run("train", "text", *small, "--batch", "4", "--time", "8", "--data", "t.txt", "-o", "text.safetensors")
    run("train", "translate", *small, "--data", "p.txt", "-o", "translate.safetensors")
    run("train", "forecast", *small, "--no-plot", "--window", "3", "--data", "s.csv", "-o", "forecast.safetensors")
    uses = {
        "text": ["generate", "@", "-n", "1"],
        "translate": ["translate", "@", "123"],
        "forecast": ["forecast", "@", "--data", "s.csv"],
        "speech": ["recognise", "@", "a.wav"],
    }
    for task, use in uses.items():
        for model in "text", "translate", "forecast":
            command = [f"{model}.safetensors" if word == "@" else word for word in use]
            if model == task:
                run(*command)
            else:
                run(*command, status=2, says=f"is a model of 'eddy train {model}'")
        if task != "speech":
            run(
                *[f"{task}.last.safetensors" if word == "@" else word for word in use],
                status=2,
                says="state of a training, to resume with",
            )
    whole = Path("text.safetensors").read_bytes()
    for broken, says in (
        (whole[: len(whole) // 2], "cut short or damaged"),
        (b"", "0 bytes"),
        (BINARY, "no .safetensors file, or it is damaged"),
    ):
        Path("m.safetensors").write_bytes(broken)
        run("generate", "m.safetensors", status=2, says=says)
        run("info", "m.safetensors", status=2, says=says)
        run("eval", "m.safetensors", "--data", "t.txt", status=2, says=says)
    Path("c.csv").write_text(
        "id,x,y,class\n" + "".join(f"{i // 3},{i % 5},{i},{'ab'[i // 3 % 2]}\n" for i in range(60))
    )
    run("train", "classify", *small, "--data", "c.csv", "-o", "classify.safetensors")
    for task, use in (*uses.items(), ("classify", ["eval", "@", "--data", "c.csv"])):
        for card, says in (
            ({"hidden": "60000"}, "damaged: what it says of its model takes more than \\d+ numbers, and it holds"),
            ({"hidden": "0"}, "damaged: its eddy.hidden should be a whole number from 1 to 65536, and is 0"),
            ({"hidden": "many"}, "damaged: its eddy.hidden"),
        ):
            if task != "speech":
                model = claiming(f"{task}.safetensors", **card)
                run(*[model if word == "@" else word for word in use], status=2, says=says)
    run(
        "eval",
        claiming("classify.safetensors", scale="0 1"),
        "--data",
        "c.csv",
        status=2,
        says="damaged: a scale is not above 0",
    )
    run("generate", "text.safetensors", "--prime", "Ö", status=2, says='never seen "Ö"')
    run("translate", "translate.safetensors", "12a", status=2, says='column 3: the model has never seen "a"')
    run("translate", "translate.safetensors", "1" * 60, status=2, says="60 characters, and the model reads 1 to 3")
    Path("q.txt").write_text("123\t321\n12ö\tö21\n")
    run("eval", "translate.safetensors", "--data", "q.txt", status=2, says='q.txt, pair 2: .*never seen "ö"')
    Path("q.txt").write_text("123\t321\n" + "1" * 600 + "\t1\n")
    run("eval", "translate.safetensors", "--data", "q.txt", says="1 sentences .1 too long ones left out")
    Path("q.txt").write_text("1" * 600 + "\t1\n")
    run(
        "eval",
        "translate.safetensors",
        "--data",
        "q.txt",
        status=2,
        says="no pair of sentences of at most 500 characters",
    )
    run(
        "eval",
        "text.safetensors",
        "--data",
        "p.txt",
        status=2,
        says="p.txt, line 1, column 1: the model has never seen",
    )


if __name__ == "__main__":
    for name in [n for n in vars(cli) if n.startswith("test_")]:
        delattr(cli, name)
    vars(cli).update({n: f for n, f in list(globals().items()) if n.startswith("test_")})
    sys.exit(cli.main())
