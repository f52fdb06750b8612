/*
 * Folded stacks, the input of flame graph scripts: one line per stack, root first, with one value.
 * Equal stacks are one line; stacks without any of the value are left out.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "export/flame_tree.h"
#include "export/formats.h"

/* What would end the frame or the line is written as C writes it; a ';' as its character code. */
static void put_function(FILE *out, const char *function)
{
	for (const char *at = function; *at; at++)
		switch (*at) {
		case ';':
			fputs("\\x3b", out);
			break;
		case '\n':
			fputs("\\n", out);
			break;
		case '\r':
			fputs("\\r", out);
			break;
		default:
			putc(*at, out);
		}
}

/* `path` has room for every depth of the tree. */
static void put_stack(FILE *out, const struct flame_tree *tree, uint32_t index, uint32_t *path)
{
	uint32_t depth = tree->nodes[index].depth;

	for (uint32_t i = depth; i > 0; i--, index = tree->nodes[index].parent)
		path[i - 1] = tree->nodes[index].name;
	for (uint32_t i = 0; i < depth; i++) {
		if (i)
			putc(';', out);
		put_function(out, tree->names[path[i]].function);
	}
}

static int folded_write(FILE *out, const struct snapshot *snapshot,
			const struct export_options *options)
{
	CLEANUP(flame_tree_clear) struct flame_tree tree = { 0 };
	enum value value = flame_first_value(snapshot, options);
	uint32_t *path AUTO_FREE = NULL;
	int error = flame_tree_build(snapshot, options->from_start, &tree);

	if (error < 0)
		return error;
	path = calloc(tree.depth + 1U, sizeof(*path));
	if (!path)
		return -ENOMEM;
	for (uint32_t i = 1; i < tree.count; i++) {
		long long weight = llround(tree.nodes[i].self[value]);

		if (weight <= 0)
			continue;
		put_stack(out, &tree, i, path);
		fprintf(out, " %lld\n", weight);
	}
	return ferror(out) ? -EIO : 0;
}

const struct exporter exporter_folded = {
	.name = "folded",
	.suffix = ".folded",
	.summary = "one line per stack, for flame graph scripts",
	.write = folded_write,
};
