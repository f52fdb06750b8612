/* What a snapshot holds besides sites and single numbers: its rows, written and read back. */
#ifndef STORE_PARTS_H
#define STORE_PARTS_H

#include "model/snapshot.h"
#include "store/database.h"

/* What is only written when it changes: as it was in the process's interval before. */
struct parts_state {
	uint64_t losses[LOSS_COUNT];
	struct size_class classes[SIZE_CLASSES];
	struct governor_state governor; /* reading: its steps */
	uint32_t pause_count;		/* the newest, at most MEMSTATS_PAUSES */
	int64_t pause_ns[MEMSTATS_PAUSES], pause_end_unix_ns[MEMSTATS_PAUSES];
};
void parts_begin(struct parts_state *state);

enum part {
	PART_LOSSES,
	PART_CLASSES,
	PART_CYCLES,
	PART_STOPS,
	PART_PAUSES,
	PART_STEPS,
	PART_COUNT
};
struct part_statements {
	sqlite3_stmt *statements[PART_COUNT];
};
/* Silent, like everything here; parts_finalize in every case. */
int parts_prepare_write(const struct database *database, struct part_statements *ret);
int parts_prepare_read(const struct database *database, struct part_statements *ret);
void parts_finalize(struct part_statements *statements);

int parts_write(const struct database *database, const struct part_statements *statements,
		int64_t interval, const struct snapshot *snapshot, struct parts_state *state);
/* Takes an interval's changes into the state. */
int parts_read(const struct database *database, const struct part_statements *statements,
	       int64_t interval, struct parts_state *state);
/* The snapshot's losses, classes and pauses from the state (memstats.pause_count is there already),
 * and the interval's events. */
int parts_fill(const struct database *database, const struct part_statements *statements,
	       int64_t interval, const struct parts_state *state, struct snapshot *snapshot);

/* What the table leaves out of a size class: NULL stands for what follows from the other columns.
 */
int64_t class_bytes(int class, int64_t count);
int64_t class_waste(int class, const struct size_class *counts);

/* Adds the pauses of MemStats that are new; returns how many are. */
uint32_t pauses_new(const struct parts_state *state, const struct memstats *memstats);
void pauses_add(struct parts_state *state, int64_t pause_ns, int64_t end_unix_ns);

#endif
