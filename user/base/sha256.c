/* The hash as FIPS 180-4 writes it down, section 6.2; names of variables are the standard's. */
#include "base/sha256.h"

#define BLOCK 64

static const uint32_t K[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

struct state {
	uint32_t h[8];
	uint8_t block[BLOCK];
	uint64_t length; /* bytes so far */
};

static uint32_t rotate(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t read_word(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void prepare(uint32_t w[64], const uint8_t *block)
{
	for (int t = 0; t < 16; t++)
		w[t] = read_word(block + 4 * t);
	for (int t = 16; t < 64; t++) {
		uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
		uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;

		w[t] = w[t - 16] + s0 + w[t - 7] + s1;
	}
}

/* One step; the standard moves all eight variables by one, here their names move. */
static inline void step(const uint32_t *a, uint32_t b, uint32_t c, uint32_t *d, const uint32_t *e,
			uint32_t f, uint32_t g, uint32_t *h, uint32_t k_plus_w)
{
	uint32_t s1 = rotate(*e, 6) ^ rotate(*e, 11) ^ rotate(*e, 25);
	uint32_t t1 = *h + s1 + ((*e & f) ^ (~*e & g)) + k_plus_w;
	uint32_t s0 = rotate(*a, 2) ^ rotate(*a, 13) ^ rotate(*a, 22);

	*d += t1;
	*h = t1 + s0 + ((*a & b) ^ (*a & c) ^ (b & c));
}

static void compress(uint32_t hash[8], const uint8_t *block)
{
	uint32_t w[64], a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4],
			f = hash[5], g = hash[6], h = hash[7];

	prepare(w, block);
	for (int t = 0; t < 64; t += 8) {
		step(&a, b, c, &d, &e, f, g, &h, K[t] + w[t]);
		step(&h, a, b, &c, &d, e, f, &g, K[t + 1] + w[t + 1]);
		step(&g, h, a, &b, &c, d, e, &f, K[t + 2] + w[t + 2]);
		step(&f, g, h, &a, &b, c, d, &e, K[t + 3] + w[t + 3]);
		step(&e, f, g, &h, &a, b, c, &d, K[t + 4] + w[t + 4]);
		step(&d, e, f, &g, &h, a, b, &c, K[t + 5] + w[t + 5]);
		step(&c, d, e, &f, &g, h, a, &b, K[t + 6] + w[t + 6]);
		step(&b, c, d, &e, &f, g, h, &a, K[t + 7] + w[t + 7]);
	}
	hash[0] += a;
	hash[1] += b;
	hash[2] += c;
	hash[3] += d;
	hash[4] += e;
	hash[5] += f;
	hash[6] += g;
	hash[7] += h;
}

static void update(struct state *state, struct span bytes)
{
	while (bytes.length) {
		size_t filled = state->length % BLOCK, room = BLOCK - filled;
		size_t taken = bytes.length < room ? bytes.length : room;

		if (taken == BLOCK) {
			compress(state->h, bytes.data);
		} else {
			memcpy(state->block + filled, bytes.data, taken);
			if (taken == room)
				compress(state->h, state->block);
		}
		state->length += taken;
		bytes = span_from(bytes, taken);
	}
}

static void finish(struct state *state, uint8_t ret[SHA256_BYTES])
{
	static const uint8_t padding[BLOCK] = { 0x80 };
	uint64_t bits = state->length * 8;
	size_t filled = state->length % BLOCK;
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	update(state, (struct span){ padding, (filled < 56 ? 56 : 120) - filled });
	update(state, (struct span){ length, sizeof(length) });
	for (int i = 0; i < SHA256_BYTES; i++)
		ret[i] = (uint8_t)(state->h[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256(struct span first, struct span second, uint8_t ret[SHA256_BYTES])
{
	struct state state = { .h = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
				      0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };

	update(&state, first);
	update(&state, second);
	finish(&state, ret);
}
