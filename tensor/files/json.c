/* The JSON reader and the quoting of strings; see json.h. Assumes that the bytes outlive the reader. */
#include "json.h"

#include <string.h>

enum { MAX_DEPTH = 32 };

eddy_json eddy_json_make(const void *bytes, size_t size, const char *name, eddy_status *status)
{
    const unsigned char *start = bytes;
    return (
        eddy_json){ .start = start, .at = start, .end = start + size, .name = name, .status = status, .first = true };
}

static bool fail(eddy_json *json, const char *what)
{
    json->failed = true;
    return eddy_status_fail(json->status, "%s: the JSON header is not valid: %s at byte %lld of it", json->name, what,
                            (long long)(json->at - json->start));
}

static void skip_blanks(eddy_json *json)
{
    while (json->at < json->end && (*json->at == ' ' || *json->at == '\t' || *json->at == '\n' || *json->at == '\r'))
        json->at++;
}

static int peek(const eddy_json *json)
{
    return json->at < json->end ? *json->at : -1;
}

static bool accept(eddy_json *json, int byte)
{
    if (peek(json) != byte)
        return false;
    json->at++;
    return true;
}

bool eddy_json_enter(eddy_json *json, char open)
{
    if (json->failed)
        return false;
    skip_blanks(json);
    if (!accept(json, open))
        return fail(json, open == '{' ? "an object { } is expected" : "an array [ ] is expected");
    if (++json->depth > MAX_DEPTH)
        return fail(json, "brackets are nested too deeply");
    json->first = true;
    return true;
}

bool eddy_json_more(eddy_json *json, char close)
{
    if (json->failed)
        return false;
    skip_blanks(json);
    if (accept(json, close)) {
        json->depth--;
        json->first = false;
        return false;
    }
    if (!json->first && !accept(json, ','))
        return fail(json, close == '}' ? "',' or '}' is expected" : "',' or ']' is expected");
    json->first = false;
    return true;
}

static bool read_hex(eddy_json *json, uint32_t *code)
{
    *code = 0;
    for (int k = 0; k < 4; k++, json->at++) {
        int c = peek(json);
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            digit = (uint32_t)((c | 32) - 'a') + 10;
        else
            return fail(json, "\\u needs four hexadecimal digits");
        *code = *code << 4 | digit;
    }
    return true;
}

/* After "\u": one code point, of two escapes when it is beyond U+FFFF. */
static bool read_code_point(eddy_json *json, uint32_t *code)
{
    uint32_t low;
    if (!read_hex(json, code))
        return false;
    if (!*code)
        return fail(json, "a string contains \\u0000");
    if (*code >= 0xDC00 && *code <= 0xDFFF)
        return fail(json, "a low surrogate stands alone");
    if (*code < 0xD800 || *code > 0xDBFF)
        return true;
    if (!accept(json, '\\') || !accept(json, 'u'))
        return fail(json, "a high surrogate stands alone");
    if (!read_hex(json, &low))
        return false;
    if (low < 0xDC00 || low > 0xDFFF)
        return fail(json, "a high surrogate stands alone");
    *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

static size_t encode(uint32_t code, unsigned char out[4])
{
    if (code < 0x80) {
        out[0] = (unsigned char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t k = length - 1; k > 0; k--, code >>= 6)
        out[k] = (unsigned char)(0x80 | (code & 0x3F));
    out[0] = (unsigned char)(lead[length] | code);
    return length;
}

static bool read_escape(eddy_json *json, unsigned char *out, size_t *length)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    int c = peek(json);
    const char *found = c > 0 ? strchr(names, c) : NULL;
    if (found) {
        out[(*length)++] = (unsigned char)values[found - names];
        json->at++;
        return true;
    }
    uint32_t code;
    if (!accept(json, 'u'))
        return fail(json, "an unknown escape follows a backslash");
    if (!read_code_point(json, &code))
        return false;
    *length += encode(code, out + *length);
    return true;
}

/* out has room for what stands between the quotes: no escape is shorter than what it means. */
static bool read_string(eddy_json *json, unsigned char *out)
{
    size_t length = 0;
    while (!accept(json, '"')) {
        int c = peek(json);
        if (c < 0)
            return fail(json, "a string does not end");
        if (c < 0x20)
            return fail(json, "a control character stands in a string");
        if (accept(json, '\\')) {
            if (!read_escape(json, out, &length))
                return false;
            continue;
        }
        size_t bytes = eddy_utf8_length(json->at, (size_t)(json->end - json->at));
        if (!bytes)
            return fail(json, "a string is not UTF-8");
        memcpy(out + length, json->at, bytes);
        length += bytes;
        json->at += bytes;
    }
    return true;
}

char *eddy_json_string(eddy_json *json)
{
    if (json->failed)
        return NULL;
    skip_blanks(json);
    if (!accept(json, '"')) {
        fail(json, "a string is expected");
        return NULL;
    }
    const unsigned char *close = json->at;
    while (close < json->end && *close != '"')
        close += *close == '\\' && close + 1 < json->end ? 2 : 1;
    char *string = eddy_allocate((size_t)(close - json->at) + 1, 1);
    if (!string) {
        json->failed = true;
        eddy_status_fail(json->status, "out of memory while reading %s", json->name);
        return NULL;
    }
    if (read_string(json, (unsigned char *)string))
        return string;
    eddy_free(string);
    return NULL;
}

char *eddy_json_key(eddy_json *json)
{
    char *key = eddy_json_string(json);
    if (!key)
        return NULL;
    skip_blanks(json);
    if (accept(json, ':'))
        return key;
    eddy_free(key);
    fail(json, "':' is expected");
    return NULL;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

bool eddy_json_integer(eddy_json *json, int64_t *out)
{
    if (json->failed)
        return false;
    skip_blanks(json);
    bool negative = accept(json, '-');
    if (!is_digit(peek(json)))
        return fail(json, "an integer is expected");
    int64_t value = 0;
    bool zero = peek(json) == '0';
    for (int digits = 0; is_digit(peek(json)); digits++, json->at++) {
        int digit = peek(json) - '0';
        if (zero && digits)
            return fail(json, "an integer begins with 0");
        /* Counted downwards, because there is one more negative number. */
        if (value < (INT64_MIN + digit) / 10)
            return fail(json, "an integer does not fit into 64 bits");
        value = value * 10 - digit;
    }
    int next = peek(json);
    if (next == '.' || next == 'e' || next == 'E')
        return fail(json, "an integer is expected, without fraction or exponent");
    if (!negative && value == INT64_MIN)
        return fail(json, "an integer does not fit into 64 bits");
    *out = negative ? value : -value;
    return true;
}

static bool skip_digits(eddy_json *json)
{
    if (!is_digit(peek(json)))
        return fail(json, "a digit is expected");
    while (is_digit(peek(json)))
        json->at++;
    return true;
}

static bool skip_number(eddy_json *json)
{
    accept(json, '-');
    if (!accept(json, '0') && !skip_digits(json))
        return false;
    if (accept(json, '.') && !skip_digits(json))
        return false;
    if (accept(json, 'e') || accept(json, 'E')) {
        if (!accept(json, '+'))
            accept(json, '-');
        return skip_digits(json);
    }
    return true;
}

static bool skip_word(eddy_json *json)
{
    static const char *const words[] = { "true", "false", "null" };
    for (int k = 0; k < 3; k++) {
        size_t length = strlen(words[k]);
        if ((size_t)(json->end - json->at) >= length && !memcmp(json->at, words[k], length)) {
            json->at += length;
            return true;
        }
    }
    return fail(json, "a value is expected");
}

/* Recursion is bounded by MAX_DEPTH. */
bool eddy_json_skip(eddy_json *json)
{
    if (json->failed)
        return false;
    skip_blanks(json);
    int c = peek(json);
    if (c == '"' || c == '{' || c == '[') {
        if (c == '{' && eddy_json_enter(json, '{')) {
            while (eddy_json_more(json, '}')) {
                eddy_free(eddy_json_key(json));
                eddy_json_skip(json);
            }
        } else if (c == '[' && eddy_json_enter(json, '[')) {
            while (eddy_json_more(json, ']'))
                eddy_json_skip(json);
        } else if (c == '"') {
            eddy_free(eddy_json_string(json));
        }
        return !json->failed;
    }
    return c == '-' || is_digit(c) ? skip_number(json) : skip_word(json);
}

bool eddy_json_end(eddy_json *json)
{
    if (json->failed)
        return false;
    skip_blanks(json);
    return json->at == json->end || fail(json, "something follows the end");
}

bool eddy_json_quote(eddy_text *text, const char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    size_t left = strlen(string);
    eddy_text_add(text, "\"", 1);
    while (left) {
        size_t length = eddy_utf8_length(at, left);
        if (!length)
            return false;
        if (*at < 0x20)
            eddy_text_print(text, "\\u%04x", *at);
        else if (*at == '"' || *at == '\\')
            eddy_text_print(text, "\\%c", *at);
        else
            eddy_text_add(text, (const char *)at, length);
        at += length;
        left -= length;
    }
    eddy_text_add(text, "\"", 1);
    return true;
}
