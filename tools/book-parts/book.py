#!/usr/bin/env python3
"""Makes the pages of the book: book.py EDDY FOLDER

Every document under docs/book, and each document of docs/ that one of them links to, becomes a page; pandoc turns its
prose into HTML and its formulas into MathML.
`eddy check` says which formulas hold: its verdict stands beside each displayed formula and leads to its own, detailed
page NAME.check.html. Setups of the checker become a <details>. A comment "figure NAME" with lines "alt: ..." and
"caption: ..." becomes the picture of that name, which the program book-figures beside EDDY draws; other comments
vanish. A chapter ends with the exercises of its sheet (docs/exercises), each with a command to copy. A page needs
nothing but itself: no scripts, no network. Exit status 1 if a formula is not as its document expects it, 77 without
pandoc.
"""
import html
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOOK = "docs/book"
STYLE = (Path(__file__).parent / "book.css").read_text(encoding="utf-8")
# A heading behind the document's end, under which pandoc also translates the conditions.
END = "The-conditions-begin-here"

SIGNS = {
    "HOLDS": "✓",
    "HOLDS IF": "≈",
    "FAILS": "✗",
    "DEGENERATE": "∅",
    "UNRESOLVED": "?",
    "NOT READ": "…",
    "DEFINES": "≔",
    "DECLARES": "∈",
}
WORDS = {
    "en": {
        "HOLDS": "holds",
        "HOLDS IF": "holds if {}",
        "FAILS": "fails",
        "DEGENERATE": "degenerate",
        "UNRESOLVED": "unresolved",
        "NOT READ": "not read",
        "DEFINES": "defines",
        "DECLARES": "declares",
        "setup": "setup for the checker",
        "unmet": "not as expected",
        "details": "details",
        "count": "Of the formulas on this page {}.",
        "and": ", ",
        "page": "On this page",
        "figure": "Figure {}.",
        "exercises": "Exercises",
        "marked": "The program marks an answer, a formula in LaTeX, and any correct form is right. "
        "Put it behind `-a`, or write a document and name it in place of `-a ...`. `--hint 1`, `2` or `3` helps.",
        "levels": ["easy", "middling", "hard"],
        "kinds": {
            "blank": "fill the square",
            "derive": "derive",
            "error": "find the error",
            "condition": "say where it holds",
            "shape": "shapes",
            "matrix": "from elements to matrices",
            "cell": "a cell of your own",
        },
    },
    "zh": {
        "HOLDS": "成立",
        "HOLDS IF": "成立，条件：{}",
        "FAILS": "不成立",
        "DEGENERATE": "退化",
        "UNRESOLVED": "无法判定",
        "NOT READ": "无法读取",
        "DEFINES": "定义",
        "DECLARES": "声明形状",
        "setup": "给检验程序的设定",
        "unmet": "与预期不符",
        "details": "详情",
        "count": "本页公式：{}。",
        "and": "，",
        "page": "本页内容",
        "figure": "图 {}：",
        "exercises": "习题",
        "marked": "程序批改答案：答案是一个 LaTeX 公式，任何正确的写法都算对。"
        "把它写在 `-a` 后面，或者写进一个文档，用文件名代替 `-a ...`。`--hint 1`、`2`、`3` 给出提示。",
        "levels": ["易", "中", "难"],
        "kinds": {
            "blank": "填方框",
            "derive": "推导",
            "error": "找错误",
            "condition": "何处成立",
            "shape": "形状",
            "matrix": "从元素到矩阵",
            "cell": "自己的单元",
        },
    },
}
COUNTS = {
    "en": {
        "HOLDS": "{} hold{s}",
        "HOLDS IF": "{} hold{s} under a condition",
        "FAILS": "{} fail{s}",
        "DEGENERATE": "{} {are} degenerate",
        "UNRESOLVED": "{} {are} unresolved",
        "NOT READ": "{} {are} not read",
        "DEFINES": "{} define{s} a quantity",
        "DECLARES": "{} declare{s} a shape",
    },
    "zh": {
        "HOLDS": "{} 个成立",
        "HOLDS IF": "{} 个有条件地成立",
        "FAILS": "{} 个不成立",
        "DEGENERATE": "{} 个退化",
        "UNRESOLVED": "{} 个无法判定",
        "NOT READ": "{} 个无法读取",
        "DEFINES": "{} 个为定义",
        "DECLARES": "{} 个声明形状",
    },
}
CHINESE = [
    (r"(\$[^$]*\$) is cut", r"切断 \1"),
    (r"\(one sequence\)", "（单个序列）"),
    ("the initial states are zero", "初始状态为零"),
    (r"(\$[^$]*\$) is the explicit derivative", r"\1 为直接导数"),
    (r"the loss does not read (\$[^$]*\$)", r"损失不读取 \1"),
    (" and ", " 且 "),
]

PIECE = re.compile(
    r"(?P<fence>^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=ticks)`* *$)"
    r"|(?P<code>(?P<tick>`+)(?!`).*?(?<!`)(?P=tick)(?!`))|<!--(?P<comment>.*?)-->"
    r"|\$\$(?P<math>.+?)\$\$",
    re.S | re.M,
)


def fail(sentence):
    sys.exit(f"tools/book: {sentence}")


def out_name(source):
    """docs/book/zh/gru.md -> zh/gru.html; docs/check.md -> docs/check.html"""
    name = posixpath.relpath(source, BOOK) if source.startswith(BOOK + "/") else source
    stem = name[: -len(".md")]
    return (
        posixpath.join(posixpath.dirname(stem), "index") if posixpath.basename(stem) == "README" else stem
    ) + ".html"


def links_of(source):
    text = (ROOT / source).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#\s]+\.md)(?:#[^)]*)?\)", text):
        yield posixpath.normpath(posixpath.join(posixpath.dirname(source), link))


def title_of(source):
    return re.search(r"^# (.*)$", (ROOT / source).read_text(encoding="utf-8"), flags=re.M)[1]


def anchor(name):
    return "f-" + "".join(
        (
            c
            if c.isascii() and (c.isalnum() or c in ".-")
            else "_"
            if c == " "
            else "".join(f":{b:02X}" for b in c.encode())
        )
        for c in name
    )


def judged(eddy, source, report):
    """The findings of a document; the detailed page is written beside."""
    done = subprocess.run(
        [eddy, "check", posixpath.basename(source), "--json", "--html", report],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=(ROOT / source).parent,
    )
    if done.returncode not in (0, 1) or not done.stdout:
        fail(f"{source} could not be checked: {done.stderr.strip()}")
    return json.loads(done.stdout)


def figure_of(comment):
    """(name, alternative text, caption) of a comment that stands for a picture; None for others."""
    m = re.fullmatch(r"\s*figure ([a-z0-9-]+)\nalt: (.+)\ncaption: (.+)\n\s*", comment)
    if not m and comment.split()[:1] == ["figure"]:
        fail(f'a figure is a comment of three lines, "figure NAME", "alt: ..." and "caption: ...", not {comment!r}')
    return m and m.groups()


def drawn(eddy):
    """What book-figures draws: (name, language) -> SVG."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([Path(eddy).with_name("book-figures"), folder], capture_output=True, text=True)
        if done.returncode:
            fail(f"the figures could not be drawn: {done.stderr.strip()}")
        out = {}
        for path in Path(folder).glob("*.svg"):
            svg = re.sub(
                r"<style>.*?</style>\n?", "", path.read_text(encoding="utf-8"), flags=re.S
            )  # the page has its own
            out[tuple(path.stem.rsplit(".", 1))] = re.sub(r' xmlns="[^"]*"', "", svg).strip()
    return out


def with_figures(body, figures, language, words, alts, source):
    """The pictures, numbered, in their places."""

    def put(m):
        name = m[1]
        if (name, language) not in figures:
            fail(f"{source} shows a figure {name}, which book-figures does not draw")
        number = words["figure"].format(list(alts).index(name) + 1)
        svg = figures[name, language].replace("<svg ", f'<svg aria-label="{html.escape(alts[name])}" ', 1)
        return f'{svg}\n<figcaption><span class="number">{number}</span> {m[2].strip()}</figcaption>'

    return re.sub(r"@@FIGURE ([a-z0-9-]+)@@\s*<figcaption>\s*<p>(.*?)</p>\s*</figcaption>", put, body, flags=re.S)


def exercises_of(source, words, language):
    """The exercises of a chapter's sheet as Markdown, to be put behind the chapter; "" if there is none."""
    sheet = ROOT / "docs/exercises" / language / posixpath.basename(source)
    if posixpath.dirname(source) not in (BOOK, f"{BOOK}/zh") or not sheet.exists():
        return ""
    text = sheet.read_text(encoding="utf-8")
    parts = [f'\n\n## {words["exercises"]}\n\n{words["marked"]}\n']
    asked = re.findall(r"^## (.*)\n\n((?:(?!^## |^```).*\n)+)```exercise (\S+)\n((?:(?!^```).*\n)+)", text, flags=re.M)
    if len(asked) != text.count("\n```exercise "):
        fail(f"{sheet}: an exercise is a heading, a question and a block, in this order")
    for title, question, id, body in asked:
        said = {word: rest for word, _, rest in (line.partition(" ") for line in body.splitlines())}
        answer = said["find"].split(", \\quad")[0] + " = " if re.match(r"(?!shape |condition)", said["find"]) else ""
        level = int(said["level"])
        about = f'{"●" * level}{"○" * (3 - level)} {words["levels"][level - 1]} · {words["kinds"][said["kind"]]} · {id}'
        command = f"eddy exercise {'--lang zh ' if language == 'zh' else ''}{id} -a '{answer}'"
        question = re.sub(r"<!--.*?-->", "", question, flags=re.S).strip()
        parts.append(
            f'<section class="task" id="{id}">\n\n### {title}\n\n<p class="about">{about}</p>\n\n'
            f"{question}\n\n```text\n{command}\n```\n\n</section>\n"
        )
    return "\n".join(parts)


def prepared(text, words):
    """The document for pandoc, from which line to which each displayed formula reaches, and the alternative texts of
    its figures."""
    blocks, alts = [], {}

    def replace(m):
        if m["fence"] is not None and m["info"].strip() != "eddy" or m["code"] is not None:
            return m[0]
        setup = (
            m["body"]
            if m["fence"] is not None
            else (
                re.sub(r"^\s*eddy\b", "", m["comment"])
                if m["comment"] and m["comment"].split()[:1] == ["eddy"]
                else None
            )
        )
        if setup is not None:
            lines = html.escape(setup.strip("\n")).replace("\n\n", "\n")
            return f'\n\n<details class="setup"><summary>{words["setup"]}</summary><pre>{lines}</pre></details>\n\n'
        if m["comment"] and (figure := figure_of(m["comment"])):
            name, alts[figure[0]], caption = figure[0], figure[1], figure[2]
            return (
                f'\n\n<figure id="fig-{name}">\n@@FIGURE {name}@@\n'
                f"<figcaption>\n\n{caption}\n\n</figcaption>\n</figure>\n\n"
            )
        if m["math"] is None:
            return ""
        first = text.count("\n", 0, m.start()) + 1
        blocks.append((first, first + m[0].count("\n")))
        formula = re.sub(r"\\(tag\*?|label)\s*\{[^{}]*\}", "", m["math"])
        formula = re.sub(r"\\(?:mathrm|text)\{([A-Za-z]{2,})\}", r"\\operatorname{\1}", formula)
        return "$$" + re.sub(r"\s*\n\s*", " ", formula).strip() + "$$"

    return PIECE.sub(replace, text), blocks, alts


def mark(f, report, words, condition):
    verdict = f["verdict"]
    word = words[verdict].format(condition or "…")
    name = "" if re.match(r"line \d", f["id"]) else f'<span class="id">{html.escape(f["id"])}</span>'
    unmet = "" if f["met"] else f' <strong>({words["unmet"]})</strong>'
    title = html.escape((f["pattern"] or f["summary"] or {"text": ""})["text"])
    return (
        f'<a class="mark {verdict.lower().replace(" ", "-")}{"" if f["met"] else " unmet"}" '
        f'href="{report}#{anchor(f["id"])}"'
        f'{f" title={chr(34)}{title}{chr(34)}" if title else ""}>'
        f'<span class="sign" aria-hidden="true">{SIGNS[verdict]}</span> {word}{unmet}{name}</a>'
    )


def conditions(found, chinese):
    out = {}
    for f in found["findings"] if found else []:
        if f["verdict"] == "HOLDS IF" and f["conditions"]:
            sentence = f["conditions"][0]["latex"]
            for english, other in CHINESE if chinese else []:
                sentence = re.sub(english, other, sentence)
            out[f["id"]] = sentence
    return out


def page(eddy, folder, source, names, figures):
    language = "zh" if source.startswith(f"{BOOK}/zh/") else "en"
    words, inside = WORDS[language], source.startswith(BOOK + "/")
    name = out_name(source)
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    report = name[: -len(".html")] + ".check.html"
    found = judged(eddy, source, str(folder / report)) if inside else None
    if found and not found["count"]:
        (folder / report).unlink()
        found = None
    text = (ROOT / source).read_text(encoding="utf-8").rstrip("\n") + exercises_of(source, words, language)
    source_text, blocks, alts = prepared(text, words)
    sentences = conditions(found, language == "zh")
    if sentences:
        source_text += f"\n\n# {END}\n\n" + "\n\n".join(sentences.values()) + "\n"
    done = subprocess.run(
        ["pandoc", "-f", "gfm+tex_math_dollars", "-t", "html5", "--mathml", "--wrap=none", "--no-highlight"],
        input=source_text,
        capture_output=True,
        text=True,
    )
    if done.returncode or "TeX" in done.stderr:  # a formula that it does not know is a warning only
        fail(f"{source}: pandoc: {done.stderr.strip()}")
    body = re.sub(r' xmlns="[^"]*"', "", done.stdout)
    body = re.sub(r"<annotation .*?</annotation>", "", body, flags=re.S)
    body = re.sub(
        r'<mstyle mathvariant="normal">\s*<mi>(.)</mi>\s*</mstyle>', r'<mi mathvariant="normal">\1</mi>', body
    )
    body = re.sub(
        r'<mstyle mathvariant="bold">\s*<mn>(\d)</mn>\s*</mstyle>',
        lambda m: f"<mn>{chr(0x1D7CE + int(m[1]))}</mn>",
        body,
    )
    translated = {}
    if sentences:
        body, rest = re.split(rf"<h1[^>]*>{END}</h1>", body)
        translated = dict(zip(sentences, re.findall(r"<p>(.*?)</p>", rest, flags=re.S)))

    # formulas
    maths = re.split(r'(<math display="block".*?</math>)', body, flags=re.S)
    if len(maths) // 2 != len(blocks):
        fail(f"{source} has {len(blocks)} displayed formulas, but pandoc shows {len(maths) // 2}")
    report_link = posixpath.basename(report)
    for k, (first, last) in enumerate(blocks):
        here = [f for f in found["findings"] if f["display"] and first <= f["line"] <= last] if found else []
        here = [
            f
            for i, f in enumerate(here)
            if not i or (f["verdict"], f["met"]) != (here[i - 1]["verdict"], True) or f["verdict"] == "HOLDS IF"
        ]
        marks = "".join(mark(f, report_link, words, translated.get(f["id"])) for f in here)
        maths[2 * k + 1] = (
            f'<span class="formula"><span class="scroll" tabindex="0">{maths[2 * k + 1]}</span>'
            f'<span class="marks">{marks}</span></span>'
        )
    body = re.sub(r'<p>(?=(?:(?!</p>).)*class="formula")', '<p class="formulas">', "".join(maths), flags=re.S)
    body = body.replace('<math display="inline"', "<math")
    body = with_figures(body, figures, language, words, alts, source)
    body = re.sub(r' tabindex="0"(?=>(?:(?!</math>).){0,400}</math>)', "", body)  # short formulas do not scroll
    body = body.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")

    # links
    def link(m):
        goal, hash_, rest = re.fullmatch(r"([^#]*)(#.*)?", m[1])[1], (re.search("#.*", m[1]) or [""])[0], m[2]
        if not goal or re.match(r"[a-z]+:", goal):
            return m[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), goal))
        if path in names:
            if rest == goal:  # a file's name says nothing here
                rest = html.escape(title_of(path))
            return f'<a href="{posixpath.relpath(out_name(path), posixpath.dirname(name) or ".")}{hash_}">{rest}</a>'
        if not (ROOT / path).exists():
            fail(f"{source} links to {goal}, which does not exist")
        return f'<span title="{path}">{rest}</span>'

    body = re.sub(r'<a href="([^"]*)">(.*?)</a>', link, body, flags=re.S)

    # what stands around it
    head = re.search(r"<h1[^>]*>(.*?)</h1>", body, flags=re.S)
    title = html.unescape(re.sub(r"<[^>]*>", "", head[1])) if head else name
    navigation = (
        re.match(r"\s*<p>((?:(?!</p>).)*<a href(?:(?!</p>).)*)</p>", body[head.end() :], flags=re.S) if head else None
    )
    line = ""
    if found:
        counts = words["and"].join(
            COUNTS[language][v].format(n, s="" if n > 1 else "s", are="are" if n > 1 else "is")
            for v in SIGNS
            if (n := found["verdicts"][v])
        )
        line = f'<p class="verdicts">{words["count"].format(counts)} <a href="{report_link}">{words["details"]}</a></p>'
    exercise = inside and source.endswith("-wrong.md")  # the reader is asked to find the mistakes first
    kind = "exercise" if exercise else "chapter"
    if exercise:
        line = line.replace(
            "</p>", ' <label><input type="checkbox" id="show"> show them beside the formulas</label></p>'
        )
    sections = re.findall(r'<h2 id="([^"]*)">(.*?)</h2>', body, flags=re.S)
    contents = ""
    if len(sections) > 1 and inside:
        entries = "".join(f'<li><a href="#{id}">{re.sub("</?a[^>]*>", "", text)}</a></li>' for id, text in sections)
        contents = f'<details class="contents"><summary>{words["page"]}</summary><ul>{entries}</ul></details>'
    if navigation and inside:
        end = head.end() + navigation.end()
        nav = navigation[1]
        body = f'{body[:head.end()]}<nav>{nav}</nav>{line}{contents}{body[end:]}<nav class="last">{nav}</nav>'
    elif head:
        body = body[: head.end()] + line + body[head.end() :]
    target.write_text(
        f'<!DOCTYPE html>\n<html lang="{"zh-Hans" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{html.escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f"<body class={kind}>\n{body}\n</body>\n</html>\n",
        encoding="utf-8",
    )
    if found:  # the way back
        path = folder / report
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("<body>", f'<body>\n<p><a href="{posixpath.basename(name)}">{html.escape(title)}</a></p>', 1),
            encoding="utf-8",
        )
    return source, found


def main(eddy, folder):
    if not shutil.which("pandoc"):
        print("tools/book: pandoc is not installed (apt-get install pandoc)")
        return 77  # for the tests: skipped
    eddy, folder = str(Path(eddy).resolve()), Path(folder).resolve()
    sources = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / BOOK).rglob("*.md"))
    outside = sorted(
        {
            link
            for source in sources
            for link in links_of(source)
            if link.startswith("docs/") and not link.startswith(BOOK + "/") and (ROOT / link).exists()
        }
    )
    names = {*sources, *outside}
    figures = drawn(eddy)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pages = list(pool.map(lambda source: page(eddy, folder, source, names, figures), sources + outside))
    unmet = [(source, f) for source, found in pages if found for f in found["findings"] if not f["met"]]
    for source, f in unmet:
        print(f"{source}: {f['id']}: {f['verdict']}")
    print(
        f"{len(pages)} pages, {sum(found['count'] for _, found in pages if found)} formulas"
        f"{f', {len(unmet)} not as expected' if unmet else ', all as they should be'}: {folder / 'index.html'}"
    )
    return 1 if unmet else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
