/* Few enough to be looked through one by one. */
#include "judge/causes.h"

#include <string.h>

static bool is_same_place(const struct frame *a, const struct frame *b)
{
	return a->line == b->line && !strcmp(a->function, b->function) && !strcmp(a->file, b->file);
}

void causes_add(struct causes *causes, const struct frame *frame, double value)
{
	if (!frame)
		return;
	for (size_t i = 0; i < causes->count; i++)
		if (is_same_place(causes->items[i].frame, frame)) {
			causes->items[i].value += value;
			return;
		}
	if (causes->count < CAUSES_MOST)
		causes->items[causes->count++] = (struct cause){ frame, value };
}

void causes_to_places(struct causes *causes, const char *unit, double whole,
		      struct finding *finding)
{
	while (causes->count && finding->place_count < FINDING_PLACES) {
		size_t most = 0;

		for (size_t i = 1; i < causes->count; i++)
			if (causes->items[i].value > causes->items[most].value)
				most = i;
		finding_place_frame(finding, causes->items[most].frame, unit,
				    causes->items[most].value, causes->items[most].value / whole);
		causes->items[most] = causes->items[--causes->count];
	}
}
