/* What each column says and how it sorts. To add one: two functions and a row at the end. */
#include "view/columns.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "model/goname.h"
#include "model/instantiations.h"

static int descending(double a, double b)
{
	/* what is not known comes last */
	a = isnan(a) ? -1 : a;
	b = isnan(b) ? -1 : b;
	return a > b ? -1 : a < b;
}

static void put(char *out, size_t out_size, struct number number)
{
	snprintf(out, out_size, "%s", number.text);
}

static void value_text(const struct listing *listing, const struct row *row, int width, char *out,
		       size_t out_size)
{
	(void)width;
	put(out, out_size,
	    value_is_bytes(listing->table.value) ? number_bytes(row->value)
						 : number_count(row->value));
}

static int value_compare(const struct listing *listing, const struct row *a, const struct row *b)
{
	(void)listing;
	return descending(a->value, b->value);
}

static void share_text(const struct listing *listing, const struct row *row, int width, char *out,
		       size_t out_size)
{
	(void)listing;
	(void)width;
	put(out, out_size, number_share(row->share));
}

static void rate_text(const struct listing *listing, const struct row *row, int width, char *out,
		      size_t out_size)
{
	(void)width;
	put(out, out_size, number_bytes_rate(listing_rate(listing, row)));
}

static int rate_compare(const struct listing *listing, const struct row *a, const struct row *b)
{
	return descending(listing_rate(listing, a), listing_rate(listing, b));
}

static double samples(const struct listing *listing, const struct row *row)
{
	return (double)listing_amount(listing, row)->samples;
}

static void samples_text(const struct listing *listing, const struct row *row, int width, char *out,
			 size_t out_size)
{
	(void)width;
	put(out, out_size, number_count(samples(listing, row)));
}

static int samples_compare(const struct listing *listing, const struct row *a, const struct row *b)
{
	return descending(samples(listing, a), samples(listing, b));
}

static void bounds_text(const struct listing *listing, const struct row *row, int width, char *out,
			size_t out_size)
{
	struct interval bounds = row->bounds;

	(void)width;
	if (bounds.low == row->value && bounds.high == row->value)
		snprintf(out, out_size, "exact");
	else
		put(out, out_size,
		    number_range(bounds.low, bounds.high, value_is_bytes(listing->table.value)));
}

static void age_text(const struct listing *listing, const struct row *row, int width, char *out,
		     size_t out_size)
{
	(void)listing;
	(void)width;
	put(out, out_size, number_duration((double)ages_median_ns(&row->ages)));
}

static int age_compare(const struct listing *listing, const struct row *a, const struct row *b)
{
	(void)listing;
	return descending((double)ages_median_ns(&a->ages), (double)ages_median_ns(&b->ages));
}

static void name_text(const struct listing *listing, const struct row *row, int width, char *out,
		      size_t out_size)
{
	if (!strcmp(listing->table.grouping->name, "package"))
		snprintf(out, out_size, "%s", row->name); /* its import path is its name */
	else
		columns_short_name(row->name, width, out, out_size);
}

static int name_compare(const struct listing *listing, const struct row *a, const struct row *b)
{
	(void)listing;
	return strcmp(a->name, b->name);
}

static void where_text(const struct listing *listing, const struct row *row, int width, char *out,
		       size_t out_size)
{
	const char *slash = strrchr(row->file, '/');

	(void)listing;
	(void)width;
	if (!*row->file)
		snprintf(out, out_size, "?");
	else
		snprintf(out, out_size, "%s:%u", slash ? slash + 1 : row->file, row->line);
}

static int where_compare(const struct listing *listing, const struct row *a, const struct row *b)
{
	int files = strcmp(a->file, b->file);

	(void)listing;
	return files ? files : (a->line > b->line) - (a->line < b->line);
}

static void type_text(const struct listing *listing, const struct row *row, int width, char *out,
		      size_t out_size)
{
	(void)listing;
	if (row->type)
		columns_short_name(row->type, width, out, out_size);
	else
		snprintf(out, out_size, "?");
}

static int type_compare(const struct listing *listing, const struct row *a, const struct row *b)
{
	(void)listing;
	if (!a->type || !b->type)
		return !a->type - !b->type;
	return strcmp(a->type, b->type);
}

static bool is_by_generic(const struct listing *listing)
{
	return listing_is_by(listing, "generic");
}

/* NAN when it is not known. */
static double shapes_seen(const struct listing *listing, const struct row *row)
{
	AUTO_INSTANTIATIONS struct instantiations seen = { 0 };

	if (instantiations_of(row, listing->table.value, &seen) < 0 || !seen.count || seen.partial)
		return NAN;
	return (double)seen.count;
}

/* Those that allocate, of those that the binary has. */
static void shapes_text(const struct listing *listing, const struct row *row, int width, char *out,
			size_t out_size)
{
	const struct generic_function *function =
		generics_find(listing->snapshot->generics, row->name);
	double seen = shapes_seen(listing, row);

	(void)width;
	if (isnan(seen) && !record_generic_frame(row->records[0]))
		*out = 0;
	else
		snprintf(out, out_size, "%s/%s", number_count(seen).text,
			 number_count(function ? (double)function->shapes : NAN).text);
}

static int shapes_compare(const struct listing *listing, const struct row *a, const struct row *b)
{
	return descending(shapes_seen(listing, a), shapes_seen(listing, b));
}

static bool is_class_inuse(const struct listing *listing)
{
	return listing_is_by(listing, "class") && value_is_inuse(listing->table.value);
}

static bool is_class_alloc(const struct listing *listing)
{
	return listing_is_by(listing, "class") && !value_is_inuse(listing->table.value);
}

static void class_text(const struct listing *listing, int64_t bytes, int64_t objects, char *out,
		       size_t out_size)
{
	put(out, out_size,
	    value_is_bytes(listing->table.value) ? number_bytes((double)bytes)
						 : number_count((double)objects));
}

static const struct size_class *class_of(const struct listing *listing, const struct row *row)
{
	return &listing->snapshot->classes[record_size_class(row->records[0])];
}

static int64_t known_difference(int64_t all, int64_t gone)
{
	return all == UNKNOWN || gone == UNKNOWN ? UNKNOWN : all - gone;
}

/* The runtime's own count of what is in use now. */
static void class_inuse_text(const struct listing *listing, const struct row *row, int width,
			     char *out, size_t out_size)
{
	const struct size_class *class = class_of(listing, row);

	(void)width;
	class_text(listing, known_difference(class->alloc_bytes, class->free_bytes),
		   known_difference(class->mallocs, class->frees), out, out_size);
}

/* And of what was allocated since the process started. */
static void class_alloc_text(const struct listing *listing, const struct row *row, int width,
			     char *out, size_t out_size)
{
	const struct size_class *class = class_of(listing, row);

	(void)width;
	class_text(listing, class->alloc_bytes, class->mallocs, out, out_size);
}

/* The widths are those of the widest numbers of base/number.h. */
const struct column columns[] = {
	{ "value", 8, 0, CELL_RIGHT, 0, 0, value_text, value_compare, "value", NULL },
	{ "share", 13, 60, CELL_RIGHT, 0, 6, share_text, NULL, NULL, NULL },
	{ "alloc rate", 10, 72, CELL_RIGHT, 0, 0, rate_text, rate_compare, "allocation rate",
	  NULL },
	{ "samples", 7, 124, CELL_RIGHT, 0, 0, samples_text, samples_compare, "samples", NULL },
	{ "95% bounds", 14, 148, CELL_RIGHT, 0, 0, bounds_text, NULL, NULL, NULL },
	{ "age p50", 7, 132, CELL_RIGHT, 0, 0, age_text, age_compare, "median age at death", NULL },
	{ "shapes", 9, 60, CELL_RIGHT, 0, 0, shapes_text, shapes_compare, "instantiations",
	  is_by_generic },
	{ "exact", 8, 60, CELL_RIGHT, 0, 0, class_inuse_text, NULL, NULL, is_class_inuse },
	{ "from start", 10, 60, CELL_RIGHT, 0, 0, class_alloc_text, NULL, NULL, is_class_alloc },
	{ NULL, 0, 0, CELL_NAME, 0, 0, name_text, name_compare, "name", NULL },
	{ "where", 14, 80, CELL_TAIL, 6, 0, where_text, where_compare, "file and line", NULL },
	{ "type", 0, 112, CELL_HEAD, 0, 0, type_text, type_compare, "type", NULL },
};
const size_t column_count = sizeof(columns) / sizeof(*columns);
_Static_assert(sizeof(columns) / sizeof(*columns) <= COLUMN_PLACES, "a plan holds every column");
