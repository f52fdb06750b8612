/* By nettle; SHA-256 against the examples of FIPS 180-4's "Secure Hash Algorithm" test vectors. */
#include "base/sha256.h"
#include "harness/test.h"

static void check_digest(const char *first, const char *second, const char *expected)
{
	uint8_t digest[SHA256_BYTES];
	char text[2 * SHA256_BYTES + 1];

	sha256((struct span){ (const uint8_t *)first, strlen(first) },
	       (struct span){ (const uint8_t *)second, strlen(second) }, digest);
	for (int i = 0; i < SHA256_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	CHECK_STRING(text, expected);
}

TEST("SHA-256 gives the standard's digests")
{
	check_digest("", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	check_digest("abc", "", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "",
		     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST("SHA-256 of two parts is that of both together, wherever they are cut")
{
	char text[200];
	uint8_t whole[SHA256_BYTES], parts[SHA256_BYTES];

	memset(text, 'a', sizeof(text));
	for (size_t length = 0; length <= sizeof(text); length++) {
		struct span bytes = { (const uint8_t *)text, length };

		sha256(bytes, (struct span){ 0 }, whole);
		for (size_t cut = 0; cut <= length; cut += 7) {
			sha256(span_sub(bytes, 0, cut), span_from(bytes, cut), parts);
			CHECK(!memcmp(whole, parts, sizeof(whole)));
		}
	}
}
