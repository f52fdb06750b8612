/*
 * What was found out about an executable: sections of named rows with a few columns each. One form
 * for all of them, so that printing, JSON and the comparison of two executables exist once. The
 * numbers are exact where the section's note does not say otherwise.
 */
#ifndef MODEL_INSPECTION_H
#define MODEL_INSPECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSPECTION_COLUMNS 5

enum inspection_unit {
	INSPECTION_TEXT,
	INSPECTION_COUNT,
	INSPECTION_BYTES,
};

struct inspection_column {
	const char *key;   /* of JSON, with its unit: "code_bytes"; NULL ends the columns */
	const char *title; /* of the text */
	enum inspection_unit unit;
	bool summed;   /* the sum over all rows means something */
	bool detailed; /* for JSON only: too wide for a table */
};

struct inspection_shape {
	const char *key;   /* of JSON and --only */
	const char *title; /* "generic functions" */
	const char *name;  /* JSON key and title of the rows' name: "type" */
	bool facts;	   /* rows are name and one value each: an object in JSON, no table */
	bool unsorted;	   /* rows stay in the order in which they were added */
	int measure;	   /* column that sorts and that the comparison compares */
	struct inspection_column columns[INSPECTION_COLUMNS + 1];
};

/* A text when not NULL, else a number; NAN: not known. */
struct inspection_value {
	const char *text; /* borrowed: interned by whoever filled the section */
	double number;
};

struct inspection_row {
	const char *name; /* borrowed */
	struct inspection_value values[INSPECTION_COLUMNS];
};

struct inspection_section {
	const struct inspection_shape *shape; /* borrowed, static */
	char note[384]; /* what is missing or estimated, and why; "" when nothing is */
	bool absent;	/* there are no rows because it could not be read: the note says why */
	struct inspection_row *items;
	size_t count, capacity;
};

struct inspection {
	const char *label;     /* of the executable; borrowed */
	const char *old_label; /* of a comparison: what it grew from; NULL otherwise */
	struct inspection_section *sections;
	size_t count;
};

static inline struct inspection_value inspection_number(double number)
{
	return (struct inspection_value){ NULL, number };
}

static inline struct inspection_value inspection_text(const char *text)
{
	return (struct inspection_value){ text ? text : "", 0 };
}

/* 0, -ENOMEM, or -E2BIG beyond LIMIT_INSPECTION_ROWS. Silent. */
int inspection_add(struct inspection_section *section, const struct inspection_row *row);
/* By the measure, largest first, then by name. */
void inspection_sort(struct inspection_section *section);
/* Appends to the note, with a separator. */
void inspection_note(struct inspection_section *section, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

size_t inspection_columns(const struct inspection_shape *shape);
/* Over all rows; NAN when one of them is not known, or the column is not summed. */
double inspection_sum(const struct inspection_section *section, size_t column);

void inspection_section_clear(struct inspection_section *section);
void inspection_clear(struct inspection *inspection);

/*
 * What differs between two inspections with the same sections: rows `before`, `after` and, of
 * numbers, `growth`, largest growth first; rows of equal names are taken together and what did not
 * change is left out. Both must outlive the result. 0 or -ENOMEM, silent; *ret is then empty.
 */
int inspection_compare(const struct inspection *old, const struct inspection *new,
		       struct inspection *ret);

#endif
