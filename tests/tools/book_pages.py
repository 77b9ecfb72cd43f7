"""book_pages.py BOOK.py EDDY ROOT: the rendered book is complete: figures, exercises, contents and the ways between
chapters, and needs nothing but itself.

Exit status 77, skipped, without pandoc."""

import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

wrong = []
VOID = {"meta", "br", "hr", "img", "input", "link", "col", "wbr"}


def check(is_so, sentence):
    if not is_so:
        wrong.append(sentence)


class Page(HTMLParser):
    """What the tests want to know of a page."""

    def __init__(self, path):
        super().__init__()
        self.path, self.ids, self.links, self.tags, self.open, self.labels = path, [], [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        check(not self.open, f"{path}: {self.open} are not closed")

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs.get("href", ""))
        if tag == "svg" and "figure" in attrs.get("class", ""):
            self.labels.append(attrs.get("aria-label", ""))
        for name, value in attrs.items():
            check(not name.startswith("on") and "javascript:" not in (value or ""), f"{self.path}: a script in {tag}")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                check(
                    tag in ("body", "html", "p", "li", "td", "th", "tr"),
                    f"{self.path}: </{tag}> closes another element",
                )


def main(book, eddy, root):
    root = Path(root)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        done = subprocess.run([sys.executable, book, eddy, folder], capture_output=True, text=True)
        if done.returncode == 77:
            print(done.stdout)
            return 77
        check(done.returncode == 0, f"rendering: {done.stdout}{done.stderr}")
        pages = {path.relative_to(folder).as_posix(): Page(path) for path in folder.rglob("*.html")}
        for name, page in pages.items():
            text = page.path.read_text(encoding="utf-8")
            check(not {"script", "img", "iframe", "link"} & set(page.tags), f"{name} loads something")
            check(not re.search(r"url\(|@import", text), f"{name}: its style asks for something")
            check(
                len(page.ids) == len(set(page.ids)),
                f"{name}: an id stands twice: {[i for i in page.ids if page.ids.count(i) > 1]}",
            )
            for link in page.links:
                if re.match(r"[a-z]+:", link):
                    continue
                goal, _, part = link.partition("#")
                goal = (Path(name).parent / goal).as_posix() if goal else name
                goal = re.sub(r"[^/]+/\.\./", "", goal)
                check(goal in pages, f"{name} leads to {goal}, which is no page")
                check(
                    not part or goal not in pages or part in pages[goal].ids,
                    f"{name} leads to {link}: there is no such place",
                )
        for path in sorted((root / "docs/book").rglob("*.md")):
            source, inside = path.read_text(encoding="utf-8"), path.relative_to(root / "docs/book")
            if path.name == "README.md" or path.name.endswith("-wrong.md"):
                continue
            page = pages[inside.with_suffix(".html").as_posix()]
            text = page.path.read_text(encoding="utf-8")
            language = "zh" if inside.parts[0] == "zh" else "en"
            check(
                len(page.labels) == source.count("<!-- figure ") and all(page.labels),
                f"{inside}: {len(page.labels)} figures",
            )
            check("@@FIGURE" not in text, f"{inside}: a figure is missing")
            check(text.count("<nav") == 2, f"{inside}: {text.count('<nav')} navigations")
            sheet = root / "docs/exercises" / language / path.name
            ids = (
                re.findall(r"^```exercise (\S+)$", sheet.read_text(encoding="utf-8"), flags=re.M)
                if sheet.exists()
                else []
            )
            shown = re.findall(
                r"eddy exercise (?:--lang zh )?([a-z0-9-]+) -a &#39;|eddy exercise (?:--lang zh )?([a-z0-9-]+) -a '",
                text,
            )
            if inside.parent.as_posix() in (".", "zh"):
                check(
                    [a or b for a, b in shown] == ids and set(ids) <= set(page.ids),
                    f"{inside}: exercises {shown}, not {ids}",
                )
            check(not re.search(r"^(right|wrong [a-z]+:) ", text, flags=re.M), f"{inside}: a solution is shown")
    for sentence in wrong:
        print(sentence)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
