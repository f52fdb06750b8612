/* Names come out of foreign binaries: any bytes may be in them. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/goname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size ? data[0] + 1U : 1;
	char *out = malloc(room), *name;

	name = size ? strndup((const char *)data + 1, size - 1) : strdup("");
	goname_short(name, 0, out, room);
	assert(strlen(out) < room && strlen(out) <= strlen(name));
	goname_short(name, 12, out, room);
	assert(strlen(out) < room);
	goname_package(name, out, room);
	assert(strlen(out) < room && strlen(out) <= strlen(name));
	goname_generic(name, out, room);
	assert(strlen(out) < room);
	free(name);
	free(out);
	return 0;
}
