/*
 * The format of `go tool pprof`, as a Go program's own /debug/pprof/heap gives it (runtime/pprof
 * protomem.go): the same four sample types in the same order, one sample per bucket with the object
 * size as a label, also where nothing is left alive. Beyond it a sample has the type as a label,
 * where that is known. Where what is alive cannot be known, the inuse types are left out.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "export/flame_tree.h"
#include "export/formats.h"
#include "export/frames.h"
#include "export/gzip.h"
#include "export/pprof_parts.h"
#include "limits.h"
#include "model/table.h"

/* Go's order is not ours. */
static const enum value values[] = { VALUE_ALLOC_OBJECTS, VALUE_ALLOC_SPACE, VALUE_INUSE_OBJECTS,
				     VALUE_INUSE_SPACE };
#define VALUES (sizeof(values) / sizeof(values[0]))

/* The object size, the type, and whether it is of the base. */
#define LABELS_MOST 3

/* A sample's message and all that it points at. */
struct sample {
	Pprof__Sample sample;
	Pprof__Label labels[LABELS_MOST];
	Pprof__Label *label_pointers[LABELS_MOST];
	int64_t values[VALUES];
	uint64_t locations[];
};

struct build {
	const struct snapshot *snapshot;
	const struct export_options *options;
	struct pool pool;
	struct pprof_parts parts;
	Pprof__Profile profile;
};

static void build_clear(struct build *build)
{
	pprof_parts_clear(&build->parts);
	pool_clear(&build->pool);
}

static Pprof__ValueType *value_type(struct build *build, const char *type, const char *unit)
{
	Pprof__ValueType *message = pool_alloc(&build->pool, sizeof(*message));

	if (!message)
		return NULL;
	pprof__value_type__init(message);
	if (pprof_string(&build->parts, type, &message->type) < 0 ||
	    pprof_string(&build->parts, unit, &message->unit) < 0)
		return NULL;
	return message;
}

static int add_sample_types(struct build *build)
{
	Pprof__Profile *profile = &build->profile;

	profile->sample_type = pool_alloc(&build->pool, VALUES * sizeof(Pprof__ValueType *));
	if (!profile->sample_type)
		return -ENOMEM;
	for (size_t i = 0; i < VALUES; i++) {
		Pprof__ValueType *type;

		if (!flame_has_value(build->snapshot, values[i]))
			continue;
		type = value_type(build, value_name(values[i]),
				  value_is_bytes(values[i]) ? "bytes" : "count");
		if (!type)
			return -ENOMEM;
		profile->sample_type[profile->n_sample_type++] = type;
	}
	return pprof_string(&build->parts,
			    value_name(flame_first_value(build->snapshot, build->options)),
			    &profile->default_sample_type);
}

/* The names are all here, so one mapping that says so is enough; pprof wants one. */
static int add_mapping(struct build *build)
{
	Pprof__Mapping *mapping = pool_alloc(&build->pool, sizeof(*mapping));
	const char *program = build->snapshot->comm ? build->snapshot->comm : "";

	build->profile.mapping = pool_alloc(&build->pool, sizeof(Pprof__Mapping *));
	if (!mapping || !build->profile.mapping)
		return -ENOMEM;
	pprof__mapping__init(mapping);
	mapping->id = PPROF_MAPPING_ID;
	mapping->has_functions = mapping->has_filenames = true;
	mapping->has_line_numbers = mapping->has_inline_frames = true;
	build->profile.mapping[0] = mapping;
	build->profile.n_mapping = 1;
	return pprof_string(&build->parts, program, &mapping->filename);
}

static int add_header(struct build *build)
{
	const struct snapshot *snapshot = build->snapshot;
	Pprof__Profile *profile = &build->profile;

	if (add_sample_types(build) < 0 || add_mapping(build) < 0)
		return -ENOMEM;
	profile->period_type = value_type(build, "space", "bytes");
	if (!profile->period_type)
		return -ENOMEM;
	if (snapshot->sampling_rate_bytes > 0)
		profile->period = llround(snapshot->sampling_rate_bytes);
	if (snapshot->time_unix_ns != UNKNOWN)
		profile->time_nanos = snapshot->time_unix_ns;
	if (!build->options->from_start && snapshot->elapsed_s > 0)
		profile->duration_nanos = llround(snapshot->elapsed_s * 1e9);
	return 0;
}

static Pprof__Label *add_label(struct sample *sample)
{
	size_t index = sample->sample.n_label++;
	Pprof__Label *label = &sample->labels[index];

	pprof__label__init(label);
	sample->label_pointers[index] = label;
	sample->sample.label = sample->label_pointers;
	return label;
}

/* As pprof -diff_base marks the samples that it has taken off: percentages are then of the base. */
static int add_base_label(struct build *build, struct sample *sample)
{
	Pprof__Label *label = add_label(sample);

	if (pprof_string(&build->parts, "pprof::base", &label->key) < 0)
		return -ENOMEM;
	return pprof_string(&build->parts, "true", &label->str);
}

static int add_labels(struct build *build, const struct record *record, bool base,
		      struct sample *sample)
{
	Pprof__Label *label;

	if (base && add_base_label(build, sample) < 0)
		return -ENOMEM;
	if (record->object_bytes) {
		label = add_label(sample);
		label->num = (int64_t)record->object_bytes;
		if (pprof_string(&build->parts, "bytes", &label->key) < 0)
			return -ENOMEM;
	}
	if (!record->type)
		return 0;
	label = add_label(sample);
	if (pprof_string(&build->parts, "type", &label->key) < 0)
		return -ENOMEM;
	return pprof_string(&build->parts, record->type, &label->str);
}

static int add_locations(struct build *build, struct frame_span span, struct sample *sample)
{
	sample->sample.location_id = sample->locations;
	for (uint32_t i = 0; i < span.count;) {
		uint32_t last = i;

		while (span.frames[last].inlined && last + 1 < span.count)
			last++;
		if (pprof_location(&build->parts, &span.frames[i], last + 1 - i,
				   &sample->locations[sample->sample.n_location_id++]) < 0)
			return -ENOMEM;
		i = last + 1;
	}
	return 0;
}

/* Those of the base are taken off. */
static void add_values(struct build *build, const struct record *record, bool base,
		       struct sample *sample)
{
	sample->sample.value = sample->values;
	for (size_t i = 0; i < VALUES; i++) {
		const struct amount *amount =
			record_amount(record, values[i], build->options->from_start);
		double scale = !base			   ? 1
			       : value_is_inuse(values[i]) ? -1
							   : -build->options->base_scale;

		if (flame_has_value(build->snapshot, values[i]))
			sample->values[sample->sample.n_value++] =
				llround(amount_value(amount, values[i]) * scale);
	}
}

static int add_sample(struct build *build, const struct record *record, bool base)
{
	struct frame_span span = frames_shown(record->stack);
	struct sample *sample =
		pool_alloc(&build->pool, sizeof(*sample) + span.count * sizeof(uint64_t));

	if (!sample)
		return -ENOMEM;
	pprof__sample__init(&sample->sample);
	build->profile.sample[build->profile.n_sample++] = &sample->sample;
	add_values(build, record, base, sample);
	if (add_locations(build, span, sample) < 0)
		return -ENOMEM;
	return add_labels(build, record, base, sample);
}

static int add_samples(struct build *build)
{
	const struct snapshot *snapshot = build->snapshot, *base = build->options->base;
	size_t count = snapshot->record_count + (base ? base->record_count : 0);
	int error = 0;

	build->profile.sample = pool_alloc(&build->pool, (count + 1) * sizeof(Pprof__Sample *));
	if (!build->profile.sample)
		return -ENOMEM;
	for (size_t i = 0; error == 0 && i < snapshot->record_count; i++)
		error = add_sample(build, &snapshot->records[i], false);
	for (size_t i = 0; error == 0 && base && i < base->record_count; i++)
		error = add_sample(build, &base->records[i], true);
	return error;
}

static int pprof_write(FILE *out, const struct snapshot *snapshot,
		       const struct export_options *options)
{
	CLEANUP(build_clear)
	struct build build = { .snapshot = snapshot,
			       .options = options,
			       .profile = PPROF__PROFILE__INIT };
	uint8_t *packed AUTO_FREE = NULL;
	size_t size;

	if (pprof_parts_init(&build.parts, &build.profile, &build.pool) < 0 ||
	    add_header(&build) < 0 || add_samples(&build) < 0)
		return -ENOMEM;
	size = pprof__profile__get_packed_size(&build.profile);
	packed = malloc(size);
	if (!packed)
		return -ENOMEM;
	pprof__profile__pack(&build.profile, packed);
	return gzip_write(out, packed, size);
}

const struct exporter exporter_pprof = {
	.name = "pprof",
	.suffix = ".pb.gz",
	.differential = true,
	.summary = "for go tool pprof and what reads its format",
	.write = pprof_write,
};
