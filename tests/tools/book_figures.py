"""book_figures.py BOOK-FIGURES BOOK: each chapter shows two figures or more, the same in both languages, with
alternative text and caption; each is a well-formed SVG that stands within its frame, is large enough to be read on a
telephone, and needs nothing from elsewhere."""

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

FIGURE = re.compile(r"<!-- figure ([a-z0-9-]+)\nalt: (.+)\ncaption: (.+)\n-->")
CHINESE = re.compile("[\u4e00-\u9fff]")
SVG = "{http://www.w3.org/2000/svg}"
SMALLEST = 12  # of 340 units, which are 340 px on a telephone
wrong = []


def check(is_so, sentence):
    if not is_so:
        wrong.append(sentence)


def chapters(book):
    table = (book / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^\| \d+ \|.*\| \[[^\]]*\]\(([a-z-]+)\.md\)", table, flags=re.M)


def shown(path):
    text = path.read_text(encoding="utf-8")
    found = FIGURE.findall(text)
    check(len(found) == text.count("<!-- figure"), f"{path}: a figure is not three lines, name, alt and caption")
    return found


def within(element, width, height, name):
    for key in "x", "x1", "x2", "cx":
        if element.get(key):
            check(0 <= float(element.get(key)) <= width, f"{name}: {element.tag} at {key} = {element.get(key)}")
    for key in "y", "y1", "y2", "cy":
        if element.get(key):
            check(0 <= float(element.get(key)) <= height, f"{name}: {element.tag} at {key} = {element.get(key)}")
    for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", element.get("d", "")):
        check(0 <= float(x) <= width and 0 <= float(y) <= height, f"{name}: a curve at {x}, {y}")


def reaches(element):
    """From where to where a text goes, estimated."""
    size = float(element.get("font-size"))
    width = 0
    for part in element.iter():
        scale = size * (0.8 if part.get("font-size") == "80%" else 1)
        width += sum(scale * (1 if CHINESE.match(c) else 0.5) for c in part.text or "")
    left = float(element.get("x")) - width * {"start": 0, "middle": 0.5, "end": 1}[element.get("text-anchor")]
    return left, left + width


def check_svg(path):
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    width, height = (float(x) for x in root.get("viewBox").split()[2:])
    check(root.get("role") == "img" and width == 340 and 80 <= height <= 420, f"{path.name}: {width} x {height}")
    check("nan" not in text and "inf" not in text, f"{path.name} has a number that is none")
    check(not re.search(r"<script|href|url\(|<image|@import", text), f"{path.name} asks for something")
    check(len(root) > 4, f"{path.name} is empty")
    for element in root.iter():
        within(element, width, height, path.name)
        if element.tag == SVG + "text":
            check(float(element.get("font-size")) >= SMALLEST, f"{path.name}: {element.get('font-size')} is too small")
            left, right = reaches(element)
            check(
                0 <= left and right <= width,
                f"{path.name}: {''.join(element.itertext())} reaches from {left} to {right}",
            )
    colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', text)) - {"none"}
    check(colours <= {"currentColor", "#2b7bba", "#d1591b", "#2e8b57"}, f"{path.name}: {colours}")
    return text


def main(program, book):
    book = Path(book)
    listed = dict(
        line.split()
        for line in subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.splitlines()
    )
    seen = {}
    names = chapters(book)
    check(len(names) >= 14, f"the contents list {names}")
    for chapter in names:
        english, chinese = shown(book / f"{chapter}.md"), shown(book / "zh" / f"{chapter}.md")
        check(len(english) >= 2, f"{chapter} shows {len(english)} figures")
        check([f[0] for f in english] == [f[0] for f in chinese], f"{chapter}: other figures in Chinese")
        for (name, *texts), (_, *translated) in zip(english, chinese):
            seen[name] = chapter
            for text, other in zip(texts, translated):
                check(not CHINESE.search(text) and CHINESE.search(other), f"{chapter}, {name}: {text!r}, {other!r}")
                check(text.count("$") == other.count("$"), f"{chapter}, {name}: other formulas in {other!r}")
            check("$" not in texts[0] and len(texts[0]) > 60, f"{name}: the alternative text is for ears: {texts[0]!r}")
    for path in sorted((book / "elsewhere").glob("*.md")):
        seen.update((name, f"elsewhere/{path.stem}") for name, *_ in shown(path))
    check(seen == listed, f"shown and drawn differ: {sorted(set(seen.items()) ^ set(listed.items()))}")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, folder], check=True)
        for name in listed:
            english, chinese = (check_svg(Path(folder) / f"{name}.{language}.svg") for language in ("en", "zh"))
            check(not CHINESE.search(english), f"{name}.en.svg is not in English")
            bare = [re.sub(r"<text.*?</text>", "", text) for text in (english, chinese)]
            check(bare[0] == bare[1], f"{name}: another drawing in Chinese")
        check(len(list(Path(folder).iterdir())) == 2 * len(listed), "other files were written")
    for sentence in wrong:
        print(sentence)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
