/* Records grouped into the rows of a view: by type, site, package, generic function, size class,
 * and what was boxed. */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

/* A way to group: one line in the registry of model/grouping.c. */
struct grouping {
	const char *name;    /* of --by and the JSON: "type", "site", "package", ... */
	char digit;	     /* its key, '1' to '8'; those between belong to screens */
	const char *title;   /* column head */
	const char *summary; /* one line of help */
	bool by_line;	     /* names that agree make one row only where file and line do too */
	const char *rest; /* the row of all that the grouping is not about; NULL: there is none */
	/* Writes the row's name for the record into `name`; the frame that stands for it (NULL:
	 * the stack is not known) is returned for file and line. */
	const struct frame *(*key)(const struct record *record, char *name, size_t name_size);
};

extern const struct grouping groupings[];
extern const size_t grouping_count;
const struct grouping *grouping_find(const char *name); /* NULL when there is none */

/* The innermost generic function of the record's stack; NULL when it has none. */
const struct frame *record_generic_frame(const struct record *record);

/* Index into size_class_bytes, 0 for large objects. Where records have the size that was asked for
 * (exact probes) and not that of the slot, the class is that of the size: objects of up to 15 bytes
 * without pointers share blocks of 16, and from Go 1.22 on those of more than 512 bytes with
 * pointers have 8 more in front. */
int record_size_class(const struct record *record);

struct row {
	const char *name; /* owned by the table */
	const char *file; /* of the heaviest record, "" when none */
	uint32_t line;
	const char *
		type; /* the type when all records agree, else that of the heaviest; NULL unknown */
	struct amount total, begun, interval, live;
	struct ages ages;
	bool is_rest; /* grouping->rest: always the last */
	double value; /* what the table is sorted by */
	double rate_bytes_per_s;
	double share;		/* of the sum over all rows of the unfiltered table, 0..1 */
	struct interval bounds; /* of value, 95 % */
	size_t record_count;
	const struct record *
		*records; /* heaviest first, borrowed from the snapshot; array owned by the table */
};

struct table {
	const struct grouping *grouping;
	enum value value;
	size_t count;
	struct row *rows;	       /* largest value first, names break ties */
	double sum;		       /* of value over all rows before the filter */
	size_t filtered;	       /* rows that the filter took away */
	struct row_name *names;	       /* storage of the rows' names */
	const struct record **records; /* storage of the rows' records */
};

/* Whether a record is to be counted, e.g. by a compiled regular expression on the row's name and
 * the record's type (NULL when not known): a row keeps the records that are. Asked once for the
 * same row and type. NULL: all. */
typedef bool (*row_filter)(void *context, const char *row_name, const char *type);

/* alloc values are those since the observation began (`begun`); with `from_start`, since the
 * process started (`total`). The snapshot must outlive the table. 0 or -ENOMEM, silent. */
int table_build(const struct snapshot *snapshot, const struct grouping *grouping, enum value value,
		bool from_start, row_filter filter, void *filter_context, struct table *ret);
void table_clear(struct table *table);

/* The record's amount that `value` is about. */
const struct amount *record_amount(const struct record *record, enum value value, bool from_start);
double amount_value(const struct amount *amount, enum value value);
double amount_variance(const struct amount *amount, enum value value);

#endif
