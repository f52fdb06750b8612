/*
 * Interning for pprof: a part is found by its content, so the output depends on the records only.
 * Indices and ids are handed out in order of first use.
 */
#include "export/pprof_parts.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/vec.h"
#include "limits.h"

#define PARTS_MAX (1U << 30)

struct part {
	UT_hash_handle hh;
	uint64_t id;
};

/* What makes a function: Go profiles hold one per name. What makes a location: the address and what
 * is inlined there, since hiding the runtime's frames can cut a group in two. */
struct location_line {
	uint64_t function_id, line;
};
struct location_key {
	uint64_t address;
	struct location_line lines[LIMIT_STACK_FRAMES];
};

static int add_part(struct pprof_parts *parts, struct part **head, const void *key, size_t length,
		    uint64_t id)
{
	struct part *part = pool_alloc(parts->pool, sizeof(*part));
	void *kept = pool_alloc(parts->pool, length + 1);

	if (!part || !kept)
		return -ENOMEM;
	memcpy(kept, key, length);
	part->id = id;
	HASH_ADD_KEYPTR(hh, *head, kept, length, part);
	return part->hh.tbl ? 0 : -ENOMEM;
}

int pprof_string(struct pprof_parts *parts, const char *text, int64_t *ret_index)
{
	Pprof__Profile *profile = parts->profile;
	size_t length = strlen(text);
	struct part *part;

	HASH_FIND(hh, parts->strings, text, length, part);
	if (part) {
		*ret_index = (int64_t)part->id;
		return 0;
	}
	if (vec_reserve((void **)&profile->string_table, &parts->string_room,
			profile->n_string_table + 1, sizeof(*profile->string_table), PARTS_MAX) < 0)
		return -ENOMEM;
	*ret_index = (int64_t)profile->n_string_table;
	/* Packing only reads it. */
	profile->string_table[profile->n_string_table++] = (char *)text;
	return add_part(parts, &parts->strings, text, length, (uint64_t)*ret_index);
}

static int new_function(struct pprof_parts *parts, const struct frame *frame, uint64_t id)
{
	Pprof__Profile *profile = parts->profile;
	Pprof__Function *function = pool_alloc(parts->pool, sizeof(*function));

	if (!function || vec_reserve((void **)&profile->function, &parts->function_room, id,
				     sizeof(*profile->function), PARTS_MAX) < 0)
		return -ENOMEM;
	pprof__function__init(function);
	function->id = id;
	function->start_line = frame->start_line;
	profile->function[profile->n_function++] = function;
	if (pprof_string(parts, frame->function, &function->name) < 0 ||
	    pprof_string(parts, frame->file, &function->filename) < 0)
		return -ENOMEM;
	function->system_name = function->name;
	return add_part(parts, &parts->functions, frame->function, strlen(frame->function), id);
}

static int function_id(struct pprof_parts *parts, const struct frame *frame, uint64_t *ret_id)
{
	struct part *part;

	HASH_FIND(hh, parts->functions, frame->function, strlen(frame->function), part);
	*ret_id = part ? part->id : parts->profile->n_function + 1;
	return part ? 0 : new_function(parts, frame, *ret_id);
}

static int fill_lines(struct pprof_parts *parts, const struct location_key *key,
		      Pprof__Location *location, uint32_t count)
{
	Pprof__Line *lines = pool_alloc(parts->pool, count * sizeof(*lines));

	location->line = pool_alloc(parts->pool, count * sizeof(Pprof__Line *));
	if (!lines || !location->line)
		return -ENOMEM;
	location->n_line = count;
	for (uint32_t i = 0; i < count; i++) {
		pprof__line__init(&lines[i]);
		lines[i].function_id = key->lines[i].function_id;
		lines[i].line = (int64_t)key->lines[i].line;
		location->line[i] = &lines[i];
	}
	return 0;
}

static int new_location(struct pprof_parts *parts, const struct location_key *key, uint32_t count,
			uint64_t id)
{
	Pprof__Profile *profile = parts->profile;
	Pprof__Location *location = pool_alloc(parts->pool, sizeof(*location));

	if (!location || vec_reserve((void **)&profile->location, &parts->location_room, id,
				     sizeof(*profile->location), PARTS_MAX) < 0)
		return -ENOMEM;
	pprof__location__init(location);
	location->id = id;
	location->mapping_id = PPROF_MAPPING_ID;
	/* runtime.Frame.PC: inside of the call, while the stack has where it returns to. */
	location->address = key->address ? key->address - 1 : 0;
	profile->location[profile->n_location++] = location;
	return fill_lines(parts, key, location, count);
}

int pprof_location(struct pprof_parts *parts, const struct frame *frames, uint32_t count,
		   uint64_t *ret_id)
{
	struct location_key key;
	size_t length;
	struct part *part;

	if (count > LIMIT_STACK_FRAMES)
		count = LIMIT_STACK_FRAMES;
	key.address = frames[0].address;
	for (uint32_t i = 0; i < count; i++) {
		key.lines[i].line = frames[i].line;
		if (function_id(parts, &frames[i], &key.lines[i].function_id) < 0)
			return -ENOMEM;
	}
	length = offsetof(struct location_key, lines) + count * sizeof(key.lines[0]);
	HASH_FIND(hh, parts->locations, &key, length, part);
	*ret_id = part ? part->id : parts->profile->n_location + 1;
	if (part)
		return 0;
	if (new_location(parts, &key, count, *ret_id) < 0)
		return -ENOMEM;
	return add_part(parts, &parts->locations, &key, length, *ret_id);
}

int pprof_parts_init(struct pprof_parts *parts, Pprof__Profile *profile, struct pool *pool)
{
	int64_t index;

	*parts = (struct pprof_parts){ .profile = profile, .pool = pool };
	return pprof_string(parts, "", &index);
}

void pprof_parts_clear(struct pprof_parts *parts)
{
	HASH_CLEAR(hh, parts->strings);
	HASH_CLEAR(hh, parts->functions);
	HASH_CLEAR(hh, parts->locations);
	if (!parts->profile)
		return;
	free(parts->profile->string_table);
	free(parts->profile->function);
	free(parts->profile->location);
}
