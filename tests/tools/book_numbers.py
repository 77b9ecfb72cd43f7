"""book_numbers.py EDDY BOOK: the chapter with numbers prints what `eddy explain --worked` prints, all of it, in both
languages."""

import re
import subprocess
import sys
from pathlib import Path


def lines(text):
    return [line for line in text.split("\n") if line.strip()]


def main(eddy, book):
    wrong = 0
    for name in "lstm", "gru":
        printed = subprocess.run([eddy, "explain", name, "--worked"], capture_output=True, text=True, check=True).stdout
        for chapter in "numbers.md", "zh/numbers.md":
            text = (Path(book) / chapter).read_text(encoding="utf-8")
            blocks = re.findall(rf"^```text worked {name}\n(.*?)^```$", text, flags=re.S | re.M)
            shown, wanted = lines("\n".join(blocks)), lines(printed)
            if len(blocks) < 5 or shown != wanted:
                at = next((i for i, (a, b) in enumerate(zip(shown, wanted)) if a != b), min(len(shown), len(wanted)))
                print(f"{chapter}, {name}: {shown[at:at + 1]} is not {wanted[at:at + 1]}, which the program prints")
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
