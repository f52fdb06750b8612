/* Distinct instantiations among the records of a row: sorted by identity, merged, sorted by weight.
 */
#include "model/instantiations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/goname.h"

static int compare_identity(const void *left, const void *right)
{
	const struct instantiation *a = left, *b = right;
	int order = strcmp(a->function, b->function);

	return order ? order : (a->entry > b->entry) - (a->entry < b->entry);
}

static int compare_weight(const void *left, const void *right)
{
	const struct instantiation *a = left, *b = right;

	if (a->value != b->value)
		return a->value > b->value ? -1 : 1;
	return compare_identity(left, right);
}

/* Go 1.19 writes all type arguments as "[...]": there, the code's address tells them apart. */
static bool name_is_enough(const char *function)
{
	return !strstr(function, "[...]");
}

static struct instantiation instantiation_of(const struct frame *frame, double value)
{
	return (struct instantiation){
		.function = frame->function,
		.entry = name_is_enough(frame->function) ? 0 : frame->entry,
		.value = value,
		.record_count = 1,
	};
}

static size_t merge(struct instantiation *items, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && compare_identity(&items[kept - 1], &items[i]) == 0) {
			items[kept - 1].value += items[i].value;
			items[kept - 1].record_count++;
		} else {
			items[kept++] = items[i];
		}
	}
	return kept;
}

int instantiations_of(const struct row *row, enum value value, struct instantiations *ret)
{
	struct instantiation *items AUTO_FREE = calloc(row->record_count + 1, sizeof(*items));
	bool partial = false;
	size_t count = 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < row->record_count; i++) {
		const struct record *record = row->records[i];
		const struct frame *frame = record_generic_frame(record);

		if (!frame)
			continue;
		partial |= !name_is_enough(frame->function) && !frame->entry;
		items[count++] = instantiation_of(
			frame, amount_value(record_amount(record, value, false), value));
	}
	if (count)
		qsort(items, count, sizeof(*items), compare_identity);
	count = merge(items, count);
	if (count)
		qsort(items, count, sizeof(*items), compare_weight);
	*ret = (struct instantiations){ count, TAKE(items), partial };
	return 0;
}

void instantiations_clear(struct instantiations *instantiations)
{
	free(instantiations->items);
	*instantiations = (struct instantiations){ 0 };
}

static int compare_name(const void *key, const void *item)
{
	return strcmp(key, ((const struct generic_function *)item)->name);
}

const struct generic_function *generics_find(const struct generics *generics, const char *name)
{
	if (!generics || !generics->count)
		return NULL;
	return bsearch(name, generics->items, generics->count, sizeof(*generics->items),
		       compare_name);
}
