/* SHA-256 (FIPS 180-4): the Go compiler stores it, changed a little, beside every embedded file. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stdint.h>

#include "base/span.h"

#define SHA256_BYTES 32

/* The digest of the bytes of `first`, then of `second`; either may be empty. */
void sha256(struct span first, struct span second, uint8_t ret[SHA256_BYTES]);

#endif
