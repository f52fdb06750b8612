/* Build information: any bytes behind the magic. */
#include <stdlib.h>

#include "patched_go.h"
#include "target/buildinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER_BYTES 32

/* The header of a sound one, then the input: version and module text with their lengths. */
static uint8_t *with_header(const uint8_t *data, size_t size)
{
	struct tiny_go_options options = { 27, false, false, "go1.27.3" };
	uint8_t *bytes = malloc(HEADER_BYTES + size);
	struct tiny_go *go = malloc(sizeof(*go));

	tiny_go_make(go, &options);
	memcpy(bytes, go->bytes + TINY_BUILDINFO, HEADER_BYTES);
	if (size)
		memcpy(bytes + HEADER_BYTES, data, size);
	free(go);
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool whole = size && data[0] == 0xff; /* the magic's first byte */
	uint8_t *bytes = whole ? NULL : with_header(data, size);
	struct span span = { whole ? data : bytes, whole ? size : HEADER_BYTES + size };
	struct buildinfo *info = NULL;

	if (buildinfo_parse(span, &info) == 0) {
		const char *value = buildinfo_setting(info, "-ldflags");

		if (strlen(buildinfo_version(info)->text) >=
			    sizeof(buildinfo_version(info)->text) ||
		    strlen(buildinfo_path(info)) > size || (value && strlen(value) > size))
			abort();
	}
	buildinfo_free(info);
	free(bytes);
	return 0;
}
