/* What `heaptap check` judges: processes with their evidence, kept until the result is written. */
#ifndef CMD_CHECK_PARTS_H
#define CMD_CHECK_PARTS_H

#include "cmd/settings.h"
#include "judge/limit.h"
#include "view/check.h"

struct recording;

struct check_parts {
	size_t count, capacity;
	struct check_part *items;
	struct check_owned { /* of the part of the same index */
		char *name, *refused;
		struct evidence *evidence;
		struct recording *recording; /* whose strings the evidence has; NULL */
		bool borrowed;		     /* the judgements are not ours */
	} * owned;
	size_t owned_capacity;
	struct baseline *baseline; /* borrowed; sees the snapshots of every part; NULL: none */
};
#define CHECK_PARTS_MOST 4096

void check_parts_clear(struct check_parts *parts);

/* Takes the evidence and, unless NULL, the recording in every case; judges by each of the limits.
 * 0 or a negative errno, reported. */
int check_parts_add(struct check_parts *parts, const char *name, struct evidence *evidence,
		    struct recording *recording, const struct limits *limits, bool whole_life);
/* gather_also, of the parts: for the baseline. */
int check_parts_see(void *parts, const struct snapshot *snapshot);

/* One that is made and owned elsewhere. */
int check_parts_borrow(struct check_parts *parts, const struct check_part *part);

/* What could not be observed. */
int check_parts_refuse(struct check_parts *parts, const char *name, const char *why);

/* settings->file, of the process and time that the settings choose. `name` NULL: its comm. */
int check_parts_add_recording(struct check_parts *parts, const char *name,
			      const struct settings *settings, const struct limits *limits);

#define AUTO_PARTS __attribute__((cleanup(check_parts_clear)))

#endif
