#!/usr/bin/env python3
"""Puts the sheets of exercises into the program.

    embed.py OUT_C LANGUAGE SHEET...  [LANGUAGE SHEET...]

LANGUAGE is en or zh; the sheets stand in the order of the book.
"""
import sys
from pathlib import Path


def literal(text):
    """As lines of a C string; any byte beside the plain ones in octal."""
    lines = []
    for line in text.splitlines(keepends=True):
        out = ""
        for byte in line.encode():
            char = chr(byte)
            out += {"\n": "\\n", '"': '\\"', "\\": "\\\\", "?": "\\?"}.get(char) or (
                char if 32 <= byte < 127 else f"\\{byte:03o}"
            )
        lines.append(f'    "{out}"')
    return "\n".join(lines) or '    ""'


out, *words = sys.argv[1:]
sheets = {"en": [], "zh": []}
for word in words:
    if word in sheets:
        language = word
    else:
        sheets[language].append(Path(word))
if [s.name for s in sheets["en"]] != [s.name for s in sheets["zh"]]:
    sys.exit("embed: the sheets of the two languages differ in name")
parts = ['/* Made by tools/exercise/embed.py. */\n#include "exercise.h"\n']
for language, files in sheets.items():
    for n, file in enumerate(files):
        parts.append(f"static const char {language}_{n}[] =\n{literal(file.read_text(encoding='utf-8'))};\n")
for language, files in sheets.items():
    rows = ", ".join(f'{{ "{f.stem}", {language}_{n} }}' for n, f in enumerate(files))
    parts.append(f"static const struct {{\n    const char *name, *bytes;\n}} {language}[] = {{ {rows} }};\n")
parts.append(
    """const char *sheet_built_in(language l, int which, const char **name)
{
    if (which < 0 || which >= (int)(sizeof en / sizeof *en))
        return NULL;
    *name = l == LANGUAGE_ZH ? zh[which].name : en[which].name;
    return l == LANGUAGE_ZH ? zh[which].bytes : en[which].bytes;
}
"""
)
Path(out).write_text("\n".join(parts))
