/* Counter-based random numbers: the generator and what is made of its bits by integer arithmetic. Distributions and
 * the filling of tensors compute: kernels/random.c. */
#include "random.h"

/* One round: two 32x32 -> 64 bit products, whose halves are mixed with the key and the other words. */
static void philox_round(uint32_t c[4], const uint32_t k[2])
{
    uint64_t p = (uint64_t)0xD2511F53u * c[0], q = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t first = (uint32_t)(q >> 32) ^ c[1] ^ k[0], third = (uint32_t)(p >> 32) ^ c[3] ^ k[1];
    c[0] = first;
    c[1] = (uint32_t)q;
    c[2] = third;
    c[3] = (uint32_t)p;
}

void eddy_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c[4] = { counter[0], counter[1], counter[2], counter[3] }, k[2] = { key[0], key[1] };
    for (int round = 0; round < 10; round++) {
        philox_round(c, k);
        k[0] += 0x9E3779B9u; /* the golden ratio and sqrt(3) - 1, as the paper chose */
        k[1] += 0xBB67AE85u;
    }
    for (int i = 0; i < 4; i++)
        out[i] = c[i];
}

uint64_t eddy_random_bits(eddy_random random, uint64_t i)
{
    const uint32_t counter[4] = { (uint32_t)i, (uint32_t)(i >> 32), (uint32_t)random.stream,
                                  (uint32_t)(random.stream >> 32) };
    const uint32_t key[2] = { (uint32_t)random.seed, (uint32_t)(random.seed >> 32) };
    uint32_t out[4];
    eddy_philox(counter, key, out);
    return (uint64_t)out[1] << 32 | out[0];
}

double eddy_random_uniform(eddy_random random, uint64_t i)
{
    return (double)(eddy_random_bits(random, i) >> 11) * 0x1p-53;
}

void eddy_permutation(int64_t *out, int64_t n, eddy_random random)
{
    uint64_t draw = 0;
    if (!out)
        return;
    for (int64_t i = 0; i < n; i++)
        out[i] = i;
    for (int64_t i = n > 0 ? n - 1 : 0; i > 0; i--) {
        /* Values below 2^64 mod choices are drawn again, so that every remainder is equally likely. */
        uint64_t choices = (uint64_t)i + 1, refused = (0 - choices) % choices, bits;
        do
            bits = eddy_random_bits(random, draw++);
        while (bits < refused);
        int64_t j = (int64_t)(bits % choices), swap = out[i];
        out[i] = out[j];
        out[j] = swap;
    }
}
