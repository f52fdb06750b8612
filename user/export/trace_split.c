/*
 * Two passes over rates that come once. The temporary file has a head and the rates of each
 * snapshot, as they lie in memory: only this process reads it.
 */
#include "export/trace_split.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"

struct spool_head {
	int64_t time_unix_ns;
	int32_t pid;
	uint32_t count;
};

struct spool_rate {
	uint32_t group;
	float bytes_per_s;
};

struct trace_split {
	const struct grouping *grouping;
	size_t top;
	struct rates *rates;
	FILE *spool;
	struct { /* by group: bytes over all snapshots */
		double *items;
		size_t count, capacity;
	} sums;
};

/* A group that has a counter of its own. */
struct slot {
	uint32_t group;
	char *key; /* JSON without quotes */
	double bytes_per_s;
};

int trace_split_new(const struct grouping *grouping, size_t top, struct trace_split **ret)
{
	struct trace_split *split = calloc(1, sizeof(*split));
	int error;

	if (!split)
		return -ENOMEM;
	split->grouping = grouping;
	split->top = top;
	split->spool = tmpfile();
	error = split->spool ? rates_new(grouping, &split->rates) : -errno;
	if (error < 0)
		trace_split_free(split);
	else
		*ret = split;
	return error;
}

void trace_split_free(struct trace_split *split)
{
	if (!split)
		return;
	if (split->spool)
		fclose(split->spool);
	rates_free(split->rates);
	free(split->sums.items);
	free(split);
}

static int add_sums(struct trace_split *split, const struct group_rate *rates, size_t count,
		    double interval_s)
{
	size_t groups = rates_groups(split->rates);

	if (VEC_RESERVE(&split->sums, groups, LIMIT_RATE_GROUPS) < 0)
		return -ENOMEM;
	while (split->sums.count < groups)
		split->sums.items[split->sums.count++] = 0;
	for (size_t i = 0; i < count; i++)
		split->sums.items[rates[i].group] += rates[i].bytes_per_s * interval_s;
	return 0;
}

int trace_split_add(struct trace_split *split, const struct snapshot *snapshot)
{
	struct spool_head head = { snapshot->time_unix_ns, snapshot->pid, 0 };
	const struct group_rate *rates;
	size_t count;
	int error;

	if (snapshot->mode == MODE_COUNTERS || !(snapshot->interval_s > 0))
		return 0;
	error = rates_read(split->rates, snapshot, &rates, &count);
	if (error == 0)
		error = add_sums(split, rates, count, snapshot->interval_s);
	if (error < 0)
		return error;
	head.count = (uint32_t)count;
	errno = 0;
	fwrite(&head, sizeof(head), 1, split->spool);
	for (size_t i = 0; i < count; i++) {
		struct spool_rate rate = { rates[i].group, (float)rates[i].bytes_per_s };

		fwrite(&rate, sizeof(rate), 1, split->spool);
	}
	return ferror(split->spool) ? (errno ? -errno : -EIO) : 0;
}

/* The largest sum among those that have no slot yet; RATES_OTHER when there is none. */
static uint32_t next_group(const struct trace_split *split, const struct slot *slots, size_t count)
{
	uint32_t best = RATES_OTHER;

	for (uint32_t group = 1; group < split->sums.count; group++) {
		bool taken = split->sums.items[group] <=
			     (best == RATES_OTHER ? 0 : split->sums.items[best]);

		for (size_t i = 0; !taken && i < count; i++)
			taken = slots[i].group == group;
		if (!taken)
			best = group;
	}
	return best;
}

/* Names that differ only in bytes that are not UTF-8 must not become one key. */
static char *make_key(const struct slot *slots, size_t count, const char *name)
{
	AUTO_FREE char *quoted = trace_text(name);
	char *key = NULL;
	int copies = 1;

	if (!quoted)
		return NULL;
	quoted[strlen(quoted) - 1] = '\0';
	for (size_t i = 0; i < count; i++)
		copies += !strcmp(slots[i].key, quoted + 1);
	if (copies == 1)
		return strdup(quoted + 1);
	return asprintf(&key, "%s (%d)", quoted + 1, copies) < 0 ? NULL : key;
}

static int choose(const struct trace_split *split, struct slot *slots, size_t *ret_count)
{
	for (*ret_count = 0; *ret_count < split->top; (*ret_count)++) {
		struct slot *slot = &slots[*ret_count];

		slot->group = next_group(split, slots, *ret_count);
		if (slot->group == RATES_OTHER)
			break;
		slot->key = make_key(slots, *ret_count, rates_name(split->rates, slot->group));
		if (!slot->key)
			return -ENOMEM;
	}
	return 0;
}

/* By group: the slot's number plus one, or 0. */
static unsigned char *slot_numbers(const struct trace_split *split, const struct slot *slots,
				   size_t count)
{
	unsigned char *numbers = calloc(split->sums.count + 1, 1);

	for (size_t i = 0; numbers && i < count; i++)
		numbers[slots[i].group] = (unsigned char)(i + 1);
	return numbers;
}

static int read_rates(const struct trace_split *split, const struct spool_head *head,
		      const unsigned char *numbers, struct slot *slots, double *other)
{
	for (uint32_t i = 0; i < head->count; i++) {
		struct spool_rate rate;

		if (fread(&rate, sizeof(rate), 1, split->spool) != 1 ||
		    rate.group >= split->sums.count)
			return -EIO;
		if (numbers[rate.group])
			slots[numbers[rate.group] - 1].bytes_per_s = rate.bytes_per_s;
		else
			*other += rate.bytes_per_s;
	}
	return 0;
}

static void write_counter(const struct trace_split *split, struct trace_out *out,
			  const struct spool_head *head, struct slot *slots, size_t count,
			  double other)
{
	char name[64];

	snprintf(name, sizeof(name), "\"alloc_rate_by_%s_bytes_per_s\"", split->grouping->name);
	trace_out_begin(out, name, 'C', head->pid, -1, head->time_unix_ns);
	trace_out_args(out);
	for (size_t i = 0; i < count; i++) {
		trace_out_real(out, slots[i].key, round(slots[i].bytes_per_s));
		slots[i].bytes_per_s = 0;
	}
	trace_out_real(out, "other", round(other));
	trace_out_end(out);
}

static int write_all(struct trace_split *split, struct trace_out *out, struct slot *slots,
		     size_t count)
{
	AUTO_FREE unsigned char *numbers = slot_numbers(split, slots, count);
	struct spool_head head;

	if (!numbers)
		return -ENOMEM;
	errno = 0;
	if (fflush(split->spool) == EOF || fseek(split->spool, 0, SEEK_SET) < 0)
		return errno ? -errno : -EIO;
	while (fread(&head, sizeof(head), 1, split->spool) == 1) {
		double other = 0;
		int error = read_rates(split, &head, numbers, slots, &other);

		if (error < 0)
			return error;
		write_counter(split, out, &head, slots, count, other);
	}
	return ferror(split->spool) ? -EIO : 0;
}

int trace_split_write(struct trace_split *split, struct trace_out *out)
{
	AUTO_FREE struct slot *slots = calloc(split->top + 1, sizeof(*slots));
	size_t count = 0;
	int error = slots ? choose(split, slots, &count) : -ENOMEM;

	if (error == 0)
		error = write_all(split, out, slots, count);
	for (size_t i = 0; slots && i < count; i++)
		free(slots[i].key);
	return error;
}
