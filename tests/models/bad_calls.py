#!/usr/bin/env python3
"""Writes a call of every public function, with a choice of good and bad values for every parameter.

    bad_calls.py OUT HEADER...

The headers are read, so no function can be forgotten. A type that bad_calls.h gives no values for has one: zero, or
NULL.
"""
import re
import sys
from pathlib import Path

# Called by hand in test_bad_calls.c, as are the variadic ones, or documented as unchecked.
BY_HAND = {
    "eddy_set_allocator",
    "eddy_tape_free",
    "eddy_reallocate",
    "eddy_free",
    "eddy_ridders",
    "eddy_tensor_at",
    "eddy_tensor_flat",
    "eddy_philox",  # unchecked, say the headers
    "eddy_escape",
    "eddy_writer_open",
    "eddy_writer_open_descriptor",
    "eddy_writer_write",
    "eddy_writer_close",
    "eddy_writer_abandon",  # on the caller's own
    "eddy_save",
    "eddy_load",  # in test_model_file.c
}
# A result that looks like a failure is an answer: what is asked for is not there, or is false.
ANSWERS = {
    "eddy_ok",
    "eddy_same",
    "eddy_find",
    "eddy_watched",
    "eddy_assigned",
    "eddy_error",
    "eddy_initial_item",
    "eddy_dtype_is_float",
    "eddy_shape_equal",
    "eddy_shape_broadcast",
    "eddy_tensor_is_contiguous",
    "eddy_safetensors_find",
    "eddy_safetensors_value",
    "eddy_plateau_step",
    "eddy_failed",
    "eddy_failed_list",
    "eddy_list_tape",
    "eddy_node_var",
    "eddy_leaf_var",
    "eddy_operand",
    "eddy_operand_is_read",
    "eddy_mark_below",
    "eddy_program_at",
}


def declarations(text):
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    for match in re.finditer(r"^\s*EDDY_(?:SITED|API)\s+([^;{]*);", text, flags=re.S | re.M):
        line = " ".join(match.group(1).split())
        head = re.match(r"(.*?[\s*])(\w+)\s*\((.*)\)", line)
        if not head:
            sys.exit(f"bad_calls: cannot read the declaration: {line}")
        if not head.group(2).endswith("_at") or "eddy_site site" not in head.group(3):
            yield head.group(1).strip(), head.group(2), head.group(3)


def identifier(kind):
    """The name of its table; bool is a macro."""
    return "flag" if kind == "bool" else re.sub(r"\W+", "_", kind.replace("*", " p ")).strip("_")


def parameters(text):
    """(type, name) of each."""
    if text.strip() == "void":
        return
    for piece in text.split(","):
        match = re.fullmatch(r"(.*?[\s*])(\w+)(\[\w*\])?", piece.strip())
        if not match:
            sys.exit(f"bad_calls: cannot read the parameter: {piece}")
        yield match.group(1).strip() + (" *" if match.group(3) else ""), match.group(2)


def values(kind, name, with_array):
    """The table of bad_calls.h for a parameter."""
    if name == "path":
        return "path"
    if kind == "int64_t" and with_array:
        return "count"
    return identifier(kind)


def main(out, headers):
    tables_text = (Path(__file__).parent / "bad_calls.h").read_text(encoding="utf-8")
    known = set(re.findall(r"^(?:TELLING_)?VALUES\((\w+)", tables_text, flags=re.M)) | set(
        re.findall(r"^KINDS\((\w+)", tables_text, flags=re.M)
    )
    known |= {f"const_eddy_{kind}_layers_p" for kind in re.findall(r"^STACKS\((\w+)", tables_text, flags=re.M)}
    known |= {f"const_{kind}_options_p" for kind in re.findall(r"^OPTIONS\((\w+)", tables_text, flags=re.M)}
    results = set(re.findall(r"^RESULT(?:_THEN)?\((\w+)", tables_text, flags=re.M))
    body, rows, seen = ["/* Made by bad_calls.py. */\n"], [], set()
    for header in headers:
        for kind, name, text in declarations(Path(header).read_text(encoding="utf-8")):
            if name in BY_HAND or name in seen or "..." in text or "va_list" in text:
                continue
            seen.add(name)
            arguments = list(parameters(text))
            with_array = any(
                k.replace("const ", "") in ("int64_t *", "void *", "eddy_var *", "eddy_cell *const *")
                for k, _ in arguments
            )
            tables = [values(k, n, with_array) for k, n in arguments]
            for table, (k, _) in zip(tables, arguments):
                if table not in known:
                    known.add(table)
                    body.append(f"static {k} {table}_zero;\nVALUES({table}, {k}, {table}_zero)\n")
            result = "none" if kind == "void" else "answer" if name in ANSWERS else identifier(kind)
            if result not in results:
                result = "answer"
            if len(arguments) > 9:
                sys.exit(f"bad_calls: {name} has more parameters than bad_calls.h has room for")
            call = f"{name}({', '.join(f'{t}_value(b, v, {i})' for i, t in enumerate(tables))})"
            body.append(
                f"static void call_{name}(bad *b, const int *v)\n{{\n    (void)b, (void)v;\n"
                + (
                    f"    {call};\n"
                    if result == "none"
                    else f"    {result}_result(b, {call});\n"
                    if result != "answer"
                    else f"    (void){call};\n"
                )
                + "}\n"
            )

            rows.append(f'    {{ "{name}", call_{name}, {len(tables)} }},\n')
    body.append("static const entry entries[] = {\n" + "".join(rows) + "};\n")
    Path(out).write_text("".join(body), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
