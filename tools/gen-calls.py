#!/usr/bin/env python3
"""Makes the call-site layer of one public header.

    gen-calls.py HEADER OUT_H OUT_C               reads the declarations marked EDDY_SITED
    gen-calls.py --elementwise DEF OUT_H OUT_C    reads the rows of elementwise.def

For `EDDY_SITED R name(P p);` OUT_H declares `R name_at(eddy_site site, P p);` (what the library implements) and a macro
name(...) that passes the caller's file and line; OUT_C defines the plain function name, for function pointers and for
calls inside the library, without a site. For `EDDY_SITED R name(P p, const char *format, ...) EDDY_PRINTF(m, n);` the
library implements `R name_v(eddy_site site, P p, const char *format, va_list arguments);`, which the header itself
declares, and OUT_C defines both.
"""
import re
import sys
from pathlib import Path


def code_of(text):
    """Without comments and preprocessor lines."""
    return re.sub(r"/\*.*?\*/|//[^\n]*|^#[^\n]*", " ", text, flags=re.S | re.M)


def declarations(header):
    """(return type, name, parameter text) of every EDDY_SITED declaration. What EDDY_PRINTF would say of one follows
    from its `...`."""
    for match in re.finditer(r"^\s*EDDY_SITED\s+([^;]*);", code_of(header), flags=re.S | re.M):
        text = re.sub(r"\s*EDDY_PRINTF\(.*?\)$", "", " ".join(match.group(1).split()))
        head = re.fullmatch(r"(.*?[\s*])(\w+)\s*\((.*)\)", text)
        if not head:
            sys.exit(f"gen-calls: cannot read the declaration: {text}")
        yield head.group(1).strip(), head.group(2), head.group(3)


ROW = re.compile(r'^EDDY_(UNARY|BINARY|TERNARY)\(\s*(\w+)\s*,[^"]*"((?:[^"\\]|\\.)*)"\)\s*$')
OPERANDS = {"UNARY": "eddy_var x", "BINARY": "eddy_var x, eddy_var y", "TERNARY": "eddy_var c, eddy_var x, eddy_var y"}


def elementwise(text):
    """(name, parameters, what it is) of the calls of every row; a row begins a line and may go on over several."""
    for piece in re.split(r"^(?=EDDY_)", code_of(text), flags=re.M)[1:]:
        row = ROW.match(piece)
        if not row:
            sys.exit(f"gen-calls: this is no row: {piece}")
        yield row.group(2), OPERANDS[row.group(1)], row.group(3)
        if row.group(1) == "BINARY":
            yield f"{row.group(2)}_scalar", "eddy_var x, double s", f"The same of x and the number s: {row.group(3)}"


def argument_names(parameters):
    return ", ".join(re.search(r"(\w+)\s*(\[\])?$", p.strip()).group(1) for p in parameters.split(","))


def is_variadic(parameters):
    return parameters.endswith(", ...")


def printf_attribute(parameters, sites):
    """The attribute of a declaration with these parameters and so many sites before them."""
    count = len(parameters.split(",")) + sites
    return f" EDDY_PRINTF({count - 1}, {count})" if is_variadic(parameters) else ""


def definition(kind, head, site, name, parameters):
    """The function `head`, which calls the one that the library implements."""
    result = "" if kind == "void" else "return "
    if not is_variadic(parameters):
        return f"\n{kind} {head}\n{{\n    {result}{name}_at({site}, {argument_names(parameters)});\n}}\n"
    known = argument_names(parameters[: -len(", ...")])
    return (
        f"\n{kind} {head}\n{{\n    va_list arguments;\n    va_start(arguments, {known.split(', ')[-1]});\n"
        f"    {kind} result = {name}_v({site}, {known}, arguments);\n    va_end(arguments);\n    return result;\n}}\n"
    )


def main(arguments):
    table = arguments[0] == "--elementwise"
    source, out_h, out_c = map(Path, arguments[1:] if table else arguments)
    text = source.read_text(encoding="utf-8")
    if table:
        calls = [("eddy_var", f"eddy_{name}", parameters, doc) for name, parameters, doc in elementwise(text)]
    else:
        calls = [(*declaration, None) for declaration in declarations(text)]
    if not calls:
        sys.exit(f"gen-calls: no EDDY_SITED in {source}")

    guard = out_h.name.upper().replace(".", "_")
    note = f"/* Made by gen-calls.py from {source.name}. */\n"
    header = [note, f"#ifndef EDDY_{guard}\n#define EDDY_{guard}\n"]
    if table:
        header.append('#include "tape.h"\n')
    header.append("EDDY_C_BEGIN\n")
    for kind, name, parameters, doc in calls:
        if doc:
            header.append(f"/* {doc} */\nEDDY_API {kind} {name}({parameters});\n")
        header.append(f"EDDY_API {kind} {name}_at(eddy_site site, {parameters}){printf_attribute(parameters, 1)};\n")
    header.append("EDDY_C_END\n\n#ifndef EDDY_NO_SITES\n")
    for _, name, _, _ in calls:
        header.append(f"#define {name}(...) {name}_at(EDDY_HERE, __VA_ARGS__)\n")
    header.append("#endif\n#endif\n")
    out_h.write_text("".join(header), encoding="utf-8")

    body = [note, f'#include "{out_h.name if table else source.name}"\n']
    for kind, name, parameters, _ in calls:
        if is_variadic(parameters):
            body.append(definition(kind, f"{name}_at(eddy_site site, {parameters})", "site", name, parameters))
        body.append(definition(kind, f"{name}({parameters})", "NULL", name, parameters))
    out_c.write_text("".join(body), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
