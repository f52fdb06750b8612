/*
 * A foreign profile is bytes that claim to be one: every index in it is checked before it is used.
 * Strings stay where protobuf-c has put them.
 */
#include "export/pprof_read.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "export/gunzip.h"
#include "export/pool.h"
#include "limits.h"
#include "proto/profile.pb-c.h"

struct by_id {
	UT_hash_handle hh;
	uint64_t id;
	const void *message;
};

struct profile_file {
	Pprof__Profile *profile;
	struct pool pool;
	struct by_id *functions, *locations;
	int columns[VALUE_COUNT]; /* of a sample's values; -1: not in this profile */
	enum value default_value;
	struct snapshot snapshot;
};

void profile_file_close(struct profile_file *file)
{
	if (!file)
		return;
	HASH_CLEAR(hh, file->functions);
	HASH_CLEAR(hh, file->locations);
	pool_clear(&file->pool);
	if (file->profile)
		pprof__profile__free_unpacked(file->profile, NULL);
	snapshot_clear(&file->snapshot);
	free(file);
}
DEFINE_CLEANUP(cleanup_profile_file, struct profile_file, profile_file_close)

/* NULL when there is no string of that number. */
static const char *string_at(const struct profile_file *file, int64_t index)
{
	return index >= 0 && (uint64_t)index < file->profile->n_string_table
		       ? file->profile->string_table[index]
		       : NULL;
}

static int remember(struct profile_file *file, struct by_id **head, uint64_t id,
		    const void *message)
{
	struct by_id *entry;

	HASH_FIND(hh, *head, &id, sizeof(id), entry);
	if (entry)
		return -EBADMSG;
	entry = pool_alloc(&file->pool, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->id = id;
	entry->message = message;
	HASH_ADD(hh, *head, id, sizeof(entry->id), entry);
	return entry->hh.tbl ? 0 : -ENOMEM;
}

static const void *recall(struct by_id *head, uint64_t id)
{
	struct by_id *entry;

	HASH_FIND(hh, head, &id, sizeof(id), entry);
	return entry ? entry->message : NULL;
}

static int index_messages(struct profile_file *file)
{
	const Pprof__Profile *profile = file->profile;
	int error = 0;

	for (size_t i = 0; error == 0 && i < profile->n_function; i++)
		error = remember(file, &file->functions, profile->function[i]->id,
				 profile->function[i]);
	for (size_t i = 0; error == 0 && i < profile->n_location; i++)
		error = remember(file, &file->locations, profile->location[i]->id,
				 profile->location[i]);
	return error;
}

static int find_columns(struct profile_file *file)
{
	const Pprof__Profile *profile = file->profile;
	const char *first = string_at(file, profile->default_sample_type);
	bool any = false;

	for (int value = 0; value < VALUE_COUNT; value++)
		file->columns[value] = -1;
	for (size_t i = 0; i < profile->n_sample_type && i < 64; i++) {
		const char *name = string_at(file, profile->sample_type[i]->type);
		int value = name ? value_find(name) : -1;

		if (!name)
			return -EBADMSG;
		if (value < 0)
			continue;
		file->columns[value] = (int)i;
		file->default_value = (enum value)value; /* the last, unless one is named */
		any = true;
	}
	if (first && value_find(first) >= 0 && file->columns[value_find(first)] >= 0)
		file->default_value = (enum value)value_find(first);
	return any ? 0 : -ENOTSUP;
}

/* A sample's frames, each location's inlined ones first. */
static int count_frames(struct profile_file *file, const Pprof__Sample *sample, uint32_t *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < sample->n_location_id; i++) {
		const Pprof__Location *location = recall(file->locations, sample->location_id[i]);

		if (!location)
			return -EBADMSG;
		count += location->n_line ? location->n_line : 1;
		if (count > LIMIT_PPROF_FRAMES)
			return -EBADMSG;
	}
	*ret = (uint32_t)count;
	return 0;
}

/* A location without lines was not symbolised: pprof calls it so too. */
static int add_frames(struct profile_file *file, const Pprof__Location *location,
		      struct stack *stack)
{
	for (size_t i = 0; i < location->n_line; i++) {
		const Pprof__Line *line = location->line[i];
		const Pprof__Function *function = recall(file->functions, line->function_id);
		const char *name = function ? string_at(file, function->name) : NULL;
		const char *path = function ? string_at(file, function->filename) : NULL;

		if (!name || !path)
			return -EBADMSG;
		stack->frames[stack->count++] = (struct frame){
			.function = name[0] ? name : "<unknown>",
			.file = path,
			.line = line->line > 0 ? (uint32_t)line->line : 0,
			.start_line = function->start_line > 0 ? (uint32_t)function->start_line : 0,
			.address =
				location->address + 1, /* inside of the call: see pprof_parts.c */
			.inlined = i + 1 < location->n_line,
		};
	}
	if (!location->n_line)
		stack->frames[stack->count++] =
			(struct frame){ .function = "<unknown>", .file = "" };
	return 0;
}

static int read_stack(struct profile_file *file, const Pprof__Sample *sample,
		      const struct stack **ret)
{
	struct stack *stack;
	uint32_t count;
	int error = count_frames(file, sample, &count);

	if (error < 0)
		return error;
	stack = pool_alloc(&file->pool, sizeof(*stack) + count * sizeof(stack->frames[0]));
	if (!stack)
		return -ENOMEM;
	for (size_t i = 0; error == 0 && i < sample->n_location_id; i++)
		error = add_frames(file, recall(file->locations, sample->location_id[i]), stack);
	*ret = stack;
	return error;
}

static int read_labels(struct profile_file *file, const Pprof__Sample *sample,
		       struct record *record)
{
	for (size_t i = 0; i < sample->n_label; i++) {
		const char *key = string_at(file, sample->label[i]->key);
		const char *text = string_at(file, sample->label[i]->str);

		if (!key || !text)
			return -EBADMSG;
		if (!strcmp(key, "bytes") && sample->label[i]->num > 0)
			record->object_bytes = (uint64_t)sample->label[i]->num;
		else if (!strcmp(key, "type") && text[0])
			record->type = text;
	}
	return 0;
}

static double value_of(const struct profile_file *file, const Pprof__Sample *sample,
		       enum value value)
{
	return file->columns[value] < 0 ? 0 : (double)sample->value[file->columns[value]];
}

/* The profile's numbers are unsampled: n samples of `size` stand for n / (1 - exp(-size / rate))
 * objects (runtime/pprof/protomem.go), so that many samples make them up. */
static struct amount amount_of(double objects, double bytes, double size, double rate)
{
	struct amount amount = { .objects = objects, .bytes = bytes };
	double scale;

	if (size <= 0 && objects != 0)
		size = bytes / objects;
	if (!(rate > 1) || !(size > 0)) {
		amount.samples = (uint64_t)fmin(fabs(objects), 9e18);
		return amount;
	}
	scale = 1 / -expm1(-size / rate);
	if (objects == 0)
		objects = bytes / size;
	amount.samples = (uint64_t)fmin(round(fabs(objects) / scale), 9e18);
	amount.objects_variance = fabs(objects) * scale;
	amount.bytes_variance = fabs(objects) * scale * size * size;
	return amount;
}

static int read_sample(struct profile_file *file, const Pprof__Sample *sample,
		       struct record *record)
{
	double rate = (double)file->profile->period, size;
	int error = sample->n_value == file->profile->n_sample_type ? 0 : -EBADMSG;

	if (error == 0)
		error = read_stack(file, sample, &record->stack);
	if (error == 0)
		error = read_labels(file, sample, record);
	if (error < 0)
		return error;
	size = (double)record->object_bytes;
	record->total = amount_of(value_of(file, sample, VALUE_ALLOC_OBJECTS),
				  value_of(file, sample, VALUE_ALLOC_SPACE), size, rate);
	record->live = amount_of(value_of(file, sample, VALUE_INUSE_OBJECTS),
				 value_of(file, sample, VALUE_INUSE_SPACE), size, rate);
	return 0;
}

static int read_samples(struct profile_file *file)
{
	struct snapshot *snapshot = &file->snapshot;
	size_t count = file->profile->n_sample;
	int error = 0;

	snapshot->records = calloc(count + 1, sizeof(*snapshot->records));
	if (!snapshot->records)
		return -ENOMEM;
	for (; error == 0 && snapshot->record_count < count; snapshot->record_count++) {
		struct record *record = &snapshot->records[snapshot->record_count];

		record->id = snapshot->record_count + 1;
		error = read_sample(file, file->profile->sample[snapshot->record_count], record);
	}
	snapshot->mode = MODE_LIST;
	snapshot->has_total =
		file->columns[VALUE_ALLOC_SPACE] >= 0 || file->columns[VALUE_ALLOC_OBJECTS] >= 0;
	snapshot->has_live =
		file->columns[VALUE_INUSE_SPACE] >= 0 || file->columns[VALUE_INUSE_OBJECTS] >= 0;
	if (file->profile->period > 0)
		snapshot->sampling_rate_bytes = (double)file->profile->period;
	if (file->profile->time_nanos > 0)
		snapshot->time_unix_ns = file->profile->time_nanos;
	return error;
}

static int read_profile(struct profile_file *file, const uint8_t *bytes, size_t size)
{
	int error;

	file->profile = pprof__profile__unpack(NULL, size, bytes);
	if (!file->profile || !file->profile->n_sample_type)
		return -EPROTONOSUPPORT;
	if (file->profile->n_string_table == 0 || file->profile->string_table[0][0])
		return -EBADMSG;
	error = find_columns(file);
	if (error == 0)
		error = index_messages(file);
	return error < 0 ? error : read_samples(file);
}

static int refuse(int error, const char *name)
{
	if (error == -ENOTSUP)
		return diag_fail(-EINVAL,
				 "'%s' is no heap profile: it has none of alloc_space, "
				 "alloc_objects, inuse_space, inuse_objects",
				 name);
	if (error == -EPROTONOSUPPORT)
		return diag_fail(-EINVAL, "'%s' is not a profile in pprof's format", name);
	if (error == -EBADMSG)
		return diag_fail(-EINVAL, "'%s' is damaged: what is in it does not fit together",
				 name);
	if (error == -ENODATA)
		return diag_fail(-EINVAL, "'%s' is damaged: it ends too early", name);
	if (error == -E2BIG)
		return diag_fail(-EINVAL, "'%s' is too large: more than %u MiB", name,
				 LIMIT_PPROF_BYTES >> 20);
	return diag_fail(error, "cannot read '%s'", name);
}

int profile_file_parse(const uint8_t *bytes, size_t size, const char *name,
		       struct profile_file **ret)
{
	CLEANUP(cleanup_profile_file) struct profile_file *file = calloc(1, sizeof(*file));
	uint8_t *plain AUTO_FREE = NULL;
	int error = file ? 0 : -ENOMEM;

	if (file)
		snapshot_init(&file->snapshot);
	if (error == 0 && gunzip_is(bytes, size)) {
		error = gunzip(bytes, size, LIMIT_PPROF_BYTES, &plain, &size);
		bytes = plain;
	}
	if (error == 0)
		error = read_profile(file, bytes, size);
	if (error < 0)
		return refuse(error, name);
	*ret = TAKE(file);
	return 0;
}

int profile_file_open(const char *path, struct profile_file **ret)
{
	uint8_t *bytes AUTO_FREE = NULL;
	size_t size = 0;
	int error = file_read_whole(path, LIMIT_PPROF_BYTES, &bytes, &size);

	return error < 0 ? refuse(error, path) : profile_file_parse(bytes, size, path, ret);
}

const struct snapshot *profile_file_snapshot(const struct profile_file *file)
{
	return &file->snapshot;
}

bool profile_file_has(const struct profile_file *file, enum value value)
{
	return file->columns[value] >= 0;
}

enum value profile_file_default(const struct profile_file *file)
{
	return file->default_value;
}
