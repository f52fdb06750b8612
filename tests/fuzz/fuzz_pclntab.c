/* The pclntab alone, cut out of its file so that every read behind its end is seen. */
#include <stdlib.h>

#include "patched_go.h"
#include "target/inline_tree.h"
#include "target/pclntab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TABLE_BYTES    0x420 /* up to the last _func of tiny_go.h */
#define FUNCDATA_BYTES 0x40

static void ask_function(const struct pclntab *table, struct span funcdata, int minor,
			 uint32_t index)
{
	struct pclntab_function function;
	struct go_frame frames[300];

	pclntab_function_name(table, index);
	if (pclntab_function(table, index, &function) < 0 || function.end == function.entry)
		return;
	pclntab_name(table, function.name);
	inline_tree_frames(table, funcdata, minor, &function, 0x401000, function.entry, frames,
			   300);
	inline_tree_frames(table, funcdata, minor, &function, 0x401000,
			   function.entry + (function.end - function.entry) / 2, frames, 300);
}

static void ask(struct span bytes, struct span funcdata, int minor)
{
	struct pclntab table;
	uint32_t index;

	if (pclntab_parse(bytes, 0x402000, &table) < 0)
		return;
	for (uint32_t i = 0; i < table.function_count && i < 64; i++)
		ask_function(&table, funcdata, minor, i);
	for (uint32_t offset = 0; offset < 0xc0; offset += 3)
		if (pclntab_search(&table, offset, &index) == 0 && index >= table.function_count)
			abort();
}

/* malloc'd, so that ASan sees the end. */
static struct span copy_of(const uint8_t *bytes, size_t length)
{
	uint8_t *copy = malloc(length);

	memcpy(copy, bytes, length);
	return (struct span){ copy, length };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tiny_go go;
	struct tiny_go_options options;
	struct span table, funcdata;

	if (!size || data[0] >= 0xf0) { /* as it is: the magic */
		ask((struct span){ data, size }, (struct span){ data, size }, 27);
		return 0;
	}
	options = patched_form(data[0]);
	tiny_go_make(&go, &options);
	if (data[0] & 2)
		patch(&go, TINY_FUNCDATA, FUNCDATA_BYTES, data + 1, size - 1);
	else
		patch(&go, TINY_PCLNTAB, TABLE_BYTES, data + 1, size - 1);
	table = copy_of(go.bytes + TINY_PCLNTAB, TABLE_BYTES);
	funcdata = copy_of(go.bytes + TINY_FUNCDATA, FUNCDATA_BYTES);
	ask(table, funcdata, options.minor);
	free((void *)table.data);
	free((void *)funcdata.data);
	return 0;
}
