/*
 * The file format of speedscope.app (file-format-schema.json there): one "sampled" profile per
 * value over shared frames. Samples are stacks in the order of the merged tree, so equal stacks are
 * one sample and neighbours share as much as they can.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "export/flame_tree.h"
#include "export/formats.h"
#include "base/json_text.h"

#define SCHEMA "https://www.speedscope.app/file-format-schema.json"

static json_t *make_frames(const struct flame_tree *tree)
{
	json_t *frames = json_array();

	for (uint32_t i = 0; i < tree->name_count; i++) {
		json_t *frame = json_pack("{s:o}", "name", json_text(tree->names[i].function));

		if (tree->names[i].file[0])
			json_object_set_new(frame, "file", json_text(tree->names[i].file));
		if (json_array_append_new(frames, frame) < 0)
			break;
	}
	return json_complete(frames, tree->name_count);
}

/* Names from the root, without the drawn root "all", down to `index`. */
static json_t *make_sample(const struct flame_tree *tree, uint32_t index, uint32_t *path)
{
	uint32_t depth = tree->nodes[index].depth;
	json_t *sample = json_array();

	for (uint32_t i = depth; i > 0; i--, index = tree->nodes[index].parent)
		path[i - 1] = tree->nodes[index].name;
	for (uint32_t i = 0; i < depth; i++)
		json_array_append_new(sample, json_integer(path[i]));
	return json_complete(sample, depth);
}

static json_t *make_profile(const struct flame_tree *tree, enum value value, uint32_t *path)
{
	json_t *samples = json_array(), *weights = json_array();
	long long sum = 0;
	int error = 0;

	for (uint32_t i = 1; i < tree->count; i++) {
		long long weight = llround(tree->nodes[i].self[value]);

		if (weight <= 0)
			continue;
		error |= json_array_append_new(samples, make_sample(tree, i, path));
		error |= json_array_append_new(weights, json_integer(weight));
		sum += weight;
	}
	if (error < 0) {
		json_decref(samples);
		json_decref(weights);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:s, s:i, s:I, s:o, s:o}", "type", "sampled", "name",
			 value_name(value), "unit", value_is_bytes(value) ? "bytes" : "none",
			 "startValue", 0, "endValue", (json_int_t)sum, "samples", samples,
			 "weights", weights);
}

static json_t *make_profiles(const struct snapshot *snapshot, const struct flame_tree *tree,
			     enum value first, int *ret_active)
{
	uint32_t *path AUTO_FREE = calloc(tree->depth + 1U, sizeof(*path));
	json_t *profiles = path ? json_array() : NULL;

	for (int value = 0; profiles && value < VALUE_COUNT; value++) {
		if (!flame_has_value(snapshot, value))
			continue;
		if (value == (int)first)
			*ret_active = (int)json_array_size(profiles);
		if (json_array_append_new(profiles, make_profile(tree, value, path)) < 0) {
			json_decref(profiles);
			return NULL;
		}
	}
	return profiles;
}

static int speedscope_write(FILE *out, const struct snapshot *snapshot,
			    const struct export_options *options)
{
	CLEANUP(flame_tree_clear) struct flame_tree tree = { 0 };
	CLEANUP(cleanup_json) json_t *file = NULL;
	int active = 0, error = flame_tree_build(snapshot, options->from_start, &tree);
	json_t *profiles;

	if (error < 0)
		return error;
	profiles = make_profiles(snapshot, &tree, flame_first_value(snapshot, options), &active);
	file = json_pack("{s:s, s:s, s:s, s:o?, s:{s:o?}, s:o?}", "$schema", SCHEMA, "exporter",
			 "heaptap " HEAPTAP_VERSION, "name", "", "activeProfileIndex",
			 json_integer(active), "shared", "frames", make_frames(&tree), "profiles",
			 profiles);
	if (!file)
		return -ENOMEM;
	json_object_set_new(file, "name", json_text(options->title ? options->title : ""));
	error = json_write(out, file, false);
	return error < 0 ? error : fputc('\n', out) == EOF ? -EIO : 0;
}

const struct exporter exporter_speedscope = {
	.name = "speedscope",
	.suffix = ".speedscope.json",
	.summary = "for speedscope.app",
	.write = speedscope_write,
};
