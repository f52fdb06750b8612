/* Fields of single groupings: a function and a line in the registry each. */
#include "view/json_grouping.h"

#include <math.h>

#include "base/cleanup.h"
#include "model/boxing.h"
#include "model/instantiations.h"
#include "view/utf8.h"

static json_t *integer(int64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer(value);
}

static json_t *part(double value)
{
	return isfinite(value) ? json_real(round(value * 1e6) / 1e6) : json_null();
}

json_t *json_boxing(const struct snapshot *snapshot)
{
	struct boxing_shares shares = boxing_shares_of(snapshot);

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "bytes_share", part(shares.bytes.value),
			 "bytes_low", part(shares.bytes.bounds.low), "bytes_high",
			 part(shares.bytes.bounds.high), "objects_share",
			 part(shares.objects.value), "objects_low", part(shares.objects.bounds.low),
			 "objects_high", part(shares.objects.bounds.high));
}

static json_t *arguments_json(const struct generic_function *function)
{
	json_t *list = json_array();

	for (size_t i = 0; function && i < function->types; i++) {
		AUTO_FREE char *clean = utf8_clean(function->type_names[i]);

		json_array_append_new(list, clean ? json_string(clean) : json_null());
	}
	return list;
}

/* Rows that are not generic have null. */
static void add_instantiations(json_t *json, const struct listing *listing, const struct row *row)
{
	const struct generic_function *function =
		generics_find(listing->snapshot->generics, row->name);
	AUTO_INSTANTIATIONS struct instantiations seen = { 0 };
	bool known = instantiations_of(row, listing->table.value, &seen) == 0 && seen.count &&
		     !seen.partial;

	json_object_set_new(json, "instantiations", integer(known ? (int64_t)seen.count : UNKNOWN));
	json_object_set_new(json, "instantiations_in_binary",
			    integer(function ? (int64_t)function->shapes : UNKNOWN));
	json_object_set_new(json, "type_arguments",
			    function && function->types ? arguments_json(function) : json_null());
}

/* The runtime's own counts since the process started: exact, whatever the row is made from. */
static void add_class(json_t *json, const struct listing *listing, const struct row *row)
{
	int index = record_size_class(row->records[0]);
	const struct size_class *class = &listing->snapshot->classes[index];

	json_object_set_new(
		json, "class",
		json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "object_bytes",
			  index ? json_integer(size_class_bytes[index]) : json_null(), "mallocs",
			  integer(class->mallocs), "frees", integer(class->frees), "alloc_bytes",
			  integer(class->alloc_bytes), "free_bytes", integer(class->free_bytes),
			  "waste_bytes", integer(class->waste_bytes)));
}

static const struct {
	const char *grouping;
	void (*add)(json_t *json, const struct listing *listing, const struct row *row);
} fields[] = {
	{ "generic", add_instantiations },
	{ "class", add_class },
};

void json_grouping_add(json_t *json, const struct listing *listing, const struct row *row)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (listing_is_by(listing, fields[i].grouping))
			fields[i].add(json, listing, row);
}
