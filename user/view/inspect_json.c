/*
 * Sections as JSON. Written row by row: a large executable has a hundred thousand types, and they
 * need not all be JSON values at the same time.
 */
#include <errno.h>
#include <math.h>

#include "base/cleanup.h"
#include "base/json_text.h"
#include "view/inspect.h"

static json_t *json_value(const struct inspection_value *value)
{
	return value->text ? json_text(value->text) : json_count(value->number);
}

static json_t *json_row(const struct inspection_section *section, const struct inspection_row *row)
{
	const struct inspection_shape *shape = section->shape;
	size_t columns = inspection_columns(shape);
	json_t *object = json_object();

	json_object_set_new(object, shape->name, json_text(row->name));
	for (size_t c = 0; c < columns; c++)
		json_object_set_new(object, shape->columns[c].key, json_value(&row->values[c]));
	return json_complete(object, columns + 1);
}

static int write_value(FILE *out, json_t *owned)
{
	CLEANUP(cleanup_json) json_t *value = owned;

	return value ? json_write(out, value, false) : -ENOMEM;
}

static int write_rows(FILE *out, const struct inspection_section *section, size_t rows)
{
	int error = 0;

	fprintf(out, ",\"rows\":[");
	for (size_t i = 0; error == 0 && i < rows; i++) {
		fprintf(out, i ? "," : "");
		error = write_value(out, json_row(section, &section->items[i]));
	}
	fprintf(out, "]");
	return error;
}

/* Names of facts are unique. */
static int write_facts(FILE *out, const struct inspection_section *section)
{
	int error = 0;

	fprintf(out, ",\"values\":{");
	for (size_t i = 0; error == 0 && i < section->count; i++) {
		fprintf(out, i ? "," : "");
		error = json_write_text(out, section->items[i].name);
		fprintf(out, ":");
		if (error == 0 && section->items[i].values[0].text)
			error = json_write_text(out, section->items[i].values[0].text);
		else if (error == 0)
			fprintf(out, "%.0f", section->items[i].values[0].number);
	}
	fprintf(out, "}");
	return error;
}

static json_t *json_totals(const struct inspection_section *section)
{
	const struct inspection_shape *shape = section->shape;
	json_t *totals = json_object();
	size_t size = 1;

	json_object_set_new(totals, "rows", json_integer((json_int_t)section->count));
	for (size_t c = 0; c < inspection_columns(shape); c++) {
		if (!shape->columns[c].summed)
			continue;
		json_object_set_new(totals, shape->columns[c].key,
				    json_count(inspection_sum(section, c)));
		size++;
	}
	return json_complete(totals, size);
}

static int write_section(FILE *out, const struct inspection_section *section, size_t top)
{
	size_t rows = top && top < section->count ? top : section->count;
	int error;

	fprintf(out, ",\"%s\":{\"known\":%s,\"note\":", section->shape->key,
		section->absent ? "false" : "true");
	error = json_write_text(out, section->note);
	if (error == 0 && section->shape->facts)
		error = write_facts(out, section);
	else if (error == 0) {
		fprintf(out, ",\"totals\":");
		error = write_value(out, json_totals(section));
		if (error == 0)
			error = write_rows(out, section, rows);
	}
	fprintf(out, "}");
	return error;
}

int view_inspection_json(FILE *out, const struct inspection *inspection, size_t top)
{
	int error;

	fprintf(out, "{\"schema\":\"heaptap.inspect%s/1\",\"file\":",
		inspection->old_label ? "-diff" : "");
	error = json_write_text(out, inspection->label);
	if (error == 0 && inspection->old_label) {
		fprintf(out, ",\"old_file\":");
		error = json_write_text(out, inspection->old_label);
	}
	for (size_t i = 0; error == 0 && i < inspection->count; i++)
		error = write_section(out, &inspection->sections[i], top);
	fprintf(out, "}\n");
	return error < 0 ? error : ferror(out) ? -EIO : 0;
}
