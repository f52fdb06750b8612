/* Fields of single groupings: a function and a line in the registry each. */
#include "view/json_grouping.h"

#include "model/boxing.h"
#include "model/instantiations.h"
#include "view/json_parts.h"

json_t *json_boxing(const struct snapshot *snapshot)
{
	struct boxing_shares shares = boxing_shares_of(snapshot);

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "bytes_share",
			 json_of_real(shares.bytes.value, 6), "bytes_low",
			 json_of_real(shares.bytes.bounds.low, 6), "bytes_high",
			 json_of_real(shares.bytes.bounds.high, 6), "objects_share",
			 json_of_real(shares.objects.value, 6), "objects_low",
			 json_of_real(shares.objects.bounds.low, 6), "objects_high",
			 json_of_real(shares.objects.bounds.high, 6));
}

static json_t *arguments_json(const struct generic_function *function)
{
	json_t *list = json_array();

	for (size_t i = 0; function && i < function->types; i++)
		json_array_append_new(list, json_of_text(function->type_names[i]));
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

	json_object_set_new(json, "instantiations",
			    json_of_integer(known ? (int64_t)seen.count : UNKNOWN));
	json_object_set_new(json, "instantiations_in_binary",
			    json_of_integer(function ? (int64_t)function->shapes : UNKNOWN));
	json_object_set_new(json, "type_arguments",
			    function && function->types ? arguments_json(function) : json_null());
}

/* The runtime's own counts since the process started: exact, whatever the row is made from. */
static void add_class(json_t *json, const struct listing *listing, const struct row *row)
{
	int index = record_size_class(row->records[0]);
	const struct size_class *class = &listing->snapshot->classes[index];

	json_object_set_new(json, "class",
			    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "object_bytes",
				      index ? json_integer(size_class_bytes[index]) : json_null(),
				      "mallocs", json_of_integer(class->mallocs), "frees",
				      json_of_integer(class->frees), "alloc_bytes",
				      json_of_integer(class->alloc_bytes), "free_bytes",
				      json_of_integer(class->free_bytes), "waste_bytes",
				      json_of_integer(class->waste_bytes)));
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
