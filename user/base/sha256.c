/* By nettle. */
#include "base/sha256.h"

#include <nettle/sha2.h>

_Static_assert(SHA256_BYTES == SHA256_DIGEST_SIZE, "the size of the digest");

void sha256(struct span first, struct span second, uint8_t ret[SHA256_BYTES])
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, first.length, first.data);
	sha256_update(&context, second.length, second.data);
	sha256_digest(&context, SHA256_BYTES, ret);
}
