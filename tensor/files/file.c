/* What the file formats share; see file.h. Assumes POSIX. */
#include "file.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* strerror is not safe among threads. */
bool eddy_file_fail(eddy_status *status, const char *path, const char *what, int error)
{
    char reason[160];
    if (strerror_r(error, reason, sizeof reason))
        snprintf(reason, sizeof reason, "error %d", error);
    return eddy_status_fail(status, "%s: cannot %s: %s", path, what, reason);
}

static bool read_descriptor(int descriptor, unsigned char **bytes, size_t *size, const char *path, size_t limit,
                            eddy_status *status)
{
    struct stat information;
    if (fstat(descriptor, &information))
        return eddy_file_fail(status, path, "be examined", errno);
    if (!S_ISREG(information.st_mode))
        return eddy_status_fail(status, "%s: is not a regular file; name a file that can be read as a whole", path);
    if (information.st_size < 0 || (uintmax_t)information.st_size > limit)
        return eddy_status_fail(status, "%s: the file has %lld bytes and at most %zu are accepted", path,
                                (long long)information.st_size, limit);
    size_t expected = (size_t)information.st_size, got = 0;
    unsigned char *block = eddy_reallocate(NULL, expected, 1);
    if (!block)
        return eddy_status_fail(status, "out of memory: no %zu bytes to read %s", expected, path);
    while (got < expected) {
        ssize_t n = read(descriptor, block + got, expected - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n < 0)
                eddy_file_fail(status, path, "be read", errno);
            else
                eddy_status_fail(
                    status, "%s: the file became shorter while it was read; read it again when its writer has finished",
                    path);
            eddy_free(block);
            return false;
        }
        got += (size_t)n;
    }
    *bytes = block;
    *size = expected;
    return true;
}

/* What has no size to ask for: a pipe, a terminal. */
static bool read_stream(int descriptor, unsigned char **bytes, size_t *size, const char *path, size_t limit,
                        eddy_status *status)
{
    unsigned char *block = NULL;
    size_t used = 0, room = 0;
    bool good = true;
    for (ssize_t n = 1; good && n;) {
        if (used == room) {
            room = room ? 2 * room : 1 << 16;
            unsigned char *grown = eddy_reallocate(block, room, 1);
            good = grown || eddy_status_fail(status, "out of memory: no %zu bytes to read %s", room, path);
            block = grown ? grown : block;
            if (!good)
                break;
        }
        n = read(descriptor, block + used, room - used);
        if (n < 0 && errno != EINTR)
            good = eddy_file_fail(status, path, "be read", errno);
        used += n > 0 ? (size_t)n : 0;
        if (used > limit)
            good = eddy_status_fail(status, "%s: there are more than the %zu bytes that are accepted", path, limit);
    }
    if (!good)
        eddy_free(block);
    *bytes = good ? block : NULL;
    *size = used;
    return good;
}

static bool has_path(const char *path, eddy_status *status)
{
    return (path && *path) ||
           eddy_status_fail(status, "the path to read is %s; a file's name is needed", path ? "empty" : "NULL");
}

bool eddy_file_read(unsigned char **bytes, size_t *size, const char *path, size_t limit, eddy_status *status)
{
    if (!has_path(path, status))
        return false;
    /* Without O_NONBLOCK a fifo would wait for a writer before it can be refused. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return eddy_file_fail(status, path, "be opened", errno);
    bool good = read_descriptor(descriptor, bytes, size, path, limit, status);
    close(descriptor);
    return good;
}

bool eddy_read_whole(unsigned char **bytes, size_t *size, const char *path, size_t limit, eddy_status *status)
{
    struct stat information;
    if (!bytes || !size)
        return eddy_status_fail(status, "eddy_read_whole: there is no place for the bytes or their number (NULL)");
    *bytes = NULL;
    *size = 0;
    if (!has_path(path, status))
        return false;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return eddy_file_fail(status, path, "be read", errno);
    bool stream = !fstat(descriptor, &information) && !S_ISREG(information.st_mode),
         good = stream ? read_stream(descriptor, bytes, size, path, limit, status)
                       : read_descriptor(descriptor, bytes, size, path, limit, status);
    close(descriptor);
    return good;
}

static bool host_is_little_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

bool eddy_file_write_tensor(eddy_writer *writer, const eddy_tensor *tensor)
{
    int64_t count = eddy_tensor_count(tensor);
    size_t size = eddy_dtype_size(tensor->dtype);
    if (host_is_little_endian() && eddy_tensor_is_contiguous(tensor))
        return eddy_writer_write(writer, tensor->data, (size_t)count * size);
    unsigned char block[8192];
    size_t used = 0;
    eddy_walk walk = { .tensor = tensor };
    for (int64_t i = 0; i < count; i++, eddy_walk_next(&walk)) {
        const unsigned char *element = (const unsigned char *)tensor->data + walk.offset * (int64_t)size;
        for (size_t k = 0; k < size; k++)
            block[used++] = element[host_is_little_endian() ? k : size - 1 - k];
        if (used == sizeof block) {
            if (!eddy_writer_write(writer, block, used))
                return false;
            used = 0;
        }
    }
    return eddy_writer_write(writer, block, used);
}

size_t eddy_encoding_size(eddy_encoding encoding)
{
    if (encoding <= EDDY_ENCODING_U8)
        return 1;
    if (encoding <= EDDY_ENCODING_BF16)
        return 2;
    return encoding <= EDDY_ENCODING_F32 ? 4 : 8;
}

eddy_dtype eddy_encoding_dtype(eddy_encoding encoding)
{
    switch (encoding) {
    case EDDY_ENCODING_F16:
    case EDDY_ENCODING_BF16:
    case EDDY_ENCODING_F32:
        return EDDY_F32;
    case EDDY_ENCODING_F64:
        return EDDY_F64;
    case EDDY_ENCODING_U32:
    case EDDY_ENCODING_I64:
    case EDDY_ENCODING_U64:
        return EDDY_I64;
    default:
        return EDDY_I32;
    }
}

/* The bits of the f32 that equals a half: 1 sign, 5 exponent, 10 fraction bits. */
static uint32_t widen_half(uint32_t half)
{
    uint32_t sign = (half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
    if (exponent == 31)
        return sign | 0x7F800000 | fraction << 13;
    if (!exponent) {
        if (!fraction)
            return sign;
        for (exponent = 1; !(fraction & 1024); exponent--) /* becomes a normal number; modulo 2^32 is fine */
            fraction <<= 1;
        fraction &= 1023;
    }
    return sign | (exponent + 112) << 23 | fraction << 13;
}

/* The bits of the element in its dtype. */
static uint64_t widen(uint64_t bits, eddy_encoding encoding)
{
    switch (encoding) {
    case EDDY_ENCODING_BOOL:
        return bits != 0;
    case EDDY_ENCODING_I8:
        return (uint64_t)((int64_t)(bits ^ 0x80) - 0x80);
    case EDDY_ENCODING_I16:
        return (uint64_t)((int64_t)(bits ^ 0x8000) - 0x8000);
    case EDDY_ENCODING_F16:
        return widen_half((uint32_t)bits);
    case EDDY_ENCODING_BF16:
        return bits << 16;
    default:
        return bits;
    }
}

static uint64_t load(const unsigned char *bytes, size_t size, bool big_endian)
{
    uint64_t bits = 0;
    for (size_t k = 0; k < size; k++)
        bits = bits << 8 | bytes[big_endian ? k : size - 1 - k];
    return bits;
}

bool eddy_decode(const eddy_tensor *out, const unsigned char *bytes, eddy_encoding encoding, bool big_endian,
                 int64_t *at)
{
    size_t size = eddy_encoding_size(encoding), stored = eddy_dtype_size(out->dtype);
    int64_t count = eddy_tensor_count(out);
    eddy_walk walk = { .tensor = out };
    if (!count)
        return true;
    if (size == stored && encoding != EDDY_ENCODING_U64 && host_is_little_endian() && !big_endian &&
        eddy_tensor_is_contiguous(out)) {
        memcpy(out->data, bytes, (size_t)count * size);
        return true;
    }
    for (int64_t i = 0; i < count; i++, bytes += size, eddy_walk_next(&walk)) {
        uint64_t bits = widen(load(bytes, size, big_endian), encoding);
        if (encoding == EDDY_ENCODING_U64 && bits > INT64_MAX) {
            *at = i;
            return false;
        }
        const uint32_t low = (uint32_t)bits;
        memcpy((unsigned char *)out->data + walk.offset * (int64_t)stored, stored == 4 ? (const void *)&low : &bits,
               stored);
    }
    return true;
}
