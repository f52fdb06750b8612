/*
 * Addresses to frames. Two caches: what is at one pc (a place), since the same few thousand call
 * sites make up all stacks, and what a whole stack is. Both only grow, up to their caps; a pc keeps
 * its meaning as long as the process runs this executable.
 */
#include "target/symbolizer.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "limits.h"

/* The logical frames at one pc, innermost first. */
struct place {
	UT_hash_handle hh;
	uint64_t pc; /* in the process; of the instruction, not the return address */
	uint32_t count;
	struct place_frame {
		struct frame frame; /* `address` and `inlined` depend on the stack */
		uint64_t entry;
		bool wrapper;
	} frames[];
};

struct known_stack {
	UT_hash_handle hh;
	struct stack *stack;
	uint64_t key[]; /* the kind of stack, then its pcs */
};

struct symbolizer {
	const struct go_binary *binary;
	uint64_t bias;
	struct intern *intern;
	struct place *places;
	struct known_stack *stacks;
};

enum stack_kind { BUCKET_STACK, PHYSICAL_STACK };

/* A stack in the making: room for the largest. */
struct draft {
	uint32_t count;
	struct frame frames[LIMIT_STACK_FRAMES];
};

int symbolizer_new(const struct go_binary *binary, uint64_t bias, struct intern *intern,
		   struct symbolizer **ret)
{
	struct symbolizer *symbolizer = calloc(1, sizeof(*symbolizer));

	if (!symbolizer)
		return -ENOMEM;
	symbolizer->binary = binary;
	symbolizer->bias = bias;
	symbolizer->intern = intern;
	*ret = symbolizer;
	return 0;
}

void symbolizer_free(struct symbolizer *symbolizer)
{
	struct place *place, *next_place;
	struct known_stack *known, *next_known;

	if (!symbolizer)
		return;
	HASH_ITER (hh, symbolizer->places, place, next_place) {
		HASH_DEL(symbolizer->places, place);
		free(place);
	}
	HASH_ITER (hh, symbolizer->stacks, known, next_known) {
		HASH_DEL(symbolizer->stacks, known);
		free(known->stack);
		free(known);
	}
	free(symbolizer);
}

static const char *keep(struct symbolizer *symbolizer, const char *text)
{
	return intern_bytes(symbolizer->intern, text, strnlen(text, LIMIT_NAME_BYTES));
}

static int fill_known(struct symbolizer *symbolizer, struct place *place,
		      const struct go_frame *frames)
{
	for (uint32_t i = 0; i < place->count; i++) {
		const struct go_frame *from = &frames[i];
		struct frame frame = {
			.function = keep(symbolizer, from->function),
			.file = keep(symbolizer, from->file),
			.line = from->line,
			.start_line = from->start_line,
			.entry = from->entry + symbolizer->bias,
		};

		if (!frame.function || !frame.file)
			return -ENOMEM;
		place->frames[i] = (struct place_frame){ frame, from->entry, from->wrapper };
	}
	return 0;
}

/* Not Go code of this executable. The return address is shown, as pprof does. */
static int fill_unknown(struct symbolizer *symbolizer, struct place *place)
{
	struct frame frame = { 0 };
	char name[32];

	snprintf(name, sizeof(name), "0x%" PRIx64, place->pc + 1);
	frame.function = intern_string(symbolizer->intern, name);
	frame.file = intern_string(symbolizer->intern, "");
	place->frames[0] = (struct place_frame){ .frame = frame };
	return frame.function && frame.file ? 0 : -ENOMEM;
}

static struct place *make_place(struct symbolizer *symbolizer, uint64_t pc)
{
	struct go_frame frames[LIMIT_INLINE_DEPTH];
	size_t count = go_binary_frames_at(symbolizer->binary, pc - symbolizer->bias, frames,
					   LIMIT_INLINE_DEPTH);
	size_t room = count ? count : 1;
	struct place *place AUTO_FREE = calloc(1, sizeof(*place) + room * sizeof(place->frames[0]));
	int error;

	if (!place)
		return NULL;
	place->pc = pc;
	place->count = (uint32_t)room;
	error = count ? fill_known(symbolizer, place, frames) : fill_unknown(symbolizer, place);
	return error == 0 ? TAKE(place) : NULL;
}

/* What is at a return address. NULL without memory. */
static const struct place *place_before(struct symbolizer *symbolizer, uint64_t return_address)
{
	uint64_t pc = return_address - 1;
	struct place *place;

	HASH_FIND(hh, symbolizer->places, &pc, sizeof(pc), place);
	if (place || HASH_COUNT(symbolizer->places) >= LIMIT_BUCKETS)
		return place;
	place = make_place(symbolizer, pc);
	if (!place)
		return NULL;
	HASH_ADD(hh, symbolizer->places, pc, sizeof(place->pc), place);
	if (!place->hh.tbl) {
		free(place);
		return NULL;
	}
	return place;
}

static void add_frame(struct draft *draft, const struct place_frame *from, uint64_t address)
{
	struct frame *frame;

	if (draft->count >= LIMIT_STACK_FRAMES)
		return;
	frame = &draft->frames[draft->count++];
	*frame = from->frame;
	frame->address = address;
}

/* Index of the next frame outwards that a stack shows; place->count when there is none. */
static uint32_t next_shown(const struct place *place, uint32_t index)
{
	do
		index++;
	while (index < place->count && place->frames[index].wrapper);
	return index;
}

/*
 * A bucket has the return address for the innermost frame and parentPc + 1 for those around it, so
 * only the innermost frame at each entry counts. That the entry is the outer frame of the group
 * before, and not a call from another place, shows in it being what the group says comes next.
 */
static int draft_bucket(struct symbolizer *symbolizer, const uint64_t *pcs, size_t count,
			struct draft *draft)
{
	const struct place *group = NULL;
	uint64_t group_address = 0;
	uint32_t next = 0;

	for (size_t i = 0; i < count; i++) {
		const struct place *place = place_before(symbolizer, pcs[i]);
		const struct place_frame *inner;

		if (!place)
			return -ENOMEM;
		inner = &place->frames[0];
		if (group && next < group->count && group->frames[next].entry == inner->entry &&
		    group->frames[next].frame.function == inner->frame.function &&
		    group->frames[next].frame.line == inner->frame.line) {
			draft->frames[draft->count - 1].inlined = true;
		} else {
			group = place;
			group_address = pcs[i];
			next = 0;
		}
		next = next_shown(group, next);
		add_frame(draft, inner, group_address);
	}
	return 0;
}

/* runtime/traceback.go elideWrapperCalling: a wrapper stays when it called the panic machinery. */
static bool calls_panic(const struct draft *draft)
{
	static const char *const names[] = { "runtime.gopanic", "runtime.sigpanic",
					     "runtime.panicwrap" };

	for (size_t i = 0; draft->count && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(draft->frames[draft->count - 1].function, names[i]))
			return true;
	return false;
}

static int draft_physical(struct symbolizer *symbolizer, const uint64_t *pcs, size_t count,
			  struct draft *draft)
{
	for (size_t i = 0; i < count; i++) {
		const struct place *place = place_before(symbolizer, pcs[i]);
		uint32_t first = draft->count;

		if (!place)
			return -ENOMEM;
		for (uint32_t k = 0; k < place->count; k++)
			if (!place->frames[k].wrapper || calls_panic(draft))
				add_frame(draft, &place->frames[k], pcs[i]);
		for (uint32_t k = first; k + 1 < draft->count; k++)
			draft->frames[k].inlined = true;
	}
	return 0;
}

/* The bottom of every goroutine; pprof leaves it out too. */
static void drop_goexit(struct draft *draft)
{
	if (draft->count > 1 && !strcmp(draft->frames[draft->count - 1].function, "runtime.goexit"))
		draft->count--;
}

static struct stack *make_stack(struct symbolizer *symbolizer, enum stack_kind kind,
				const uint64_t *pcs, size_t count)
{
	struct draft *draft AUTO_FREE = malloc(sizeof(*draft));
	struct stack *stack;
	int error;

	if (!draft)
		return NULL;
	draft->count = 0;
	error = kind == BUCKET_STACK ? draft_bucket(symbolizer, pcs, count, draft)
				     : draft_physical(symbolizer, pcs, count, draft);
	if (error < 0)
		return NULL;
	drop_goexit(draft);
	stack = malloc(sizeof(*stack) + draft->count * sizeof(stack->frames[0]));
	if (!stack)
		return NULL;
	stack->count = draft->count;
	memcpy(stack->frames, draft->frames, draft->count * sizeof(stack->frames[0]));
	return stack;
}

/* Takes `key` over when it returns a stack. */
static const struct stack *remember(struct symbolizer *symbolizer, struct known_stack *known,
				    size_t key_bytes)
{
	known->stack = make_stack(symbolizer, (enum stack_kind)known->key[0], known->key + 1,
				  key_bytes / sizeof(known->key[0]) - 1);
	if (!known->stack)
		return NULL;
	HASH_ADD_KEYPTR(hh, symbolizer->stacks, known->key, key_bytes, known);
	if (!known->hh.tbl) {
		free(known->stack);
		return NULL;
	}
	return known->stack;
}

static const struct stack *find_stack(struct symbolizer *symbolizer, enum stack_kind kind,
				      const uint64_t *pcs, size_t count)
{
	size_t kept = count < LIMIT_STACK_FRAMES ? count : LIMIT_STACK_FRAMES;
	size_t key_bytes = (1 + kept) * sizeof(uint64_t);
	struct known_stack *known AUTO_FREE = calloc(1, sizeof(*known) + key_bytes);
	struct known_stack *found;
	const struct stack *stack;

	if (!known)
		return NULL;
	known->key[0] = kind;
	if (kept)
		memcpy(known->key + 1, pcs, kept * sizeof(pcs[0]));
	HASH_FIND(hh, symbolizer->stacks, known->key, key_bytes, found);
	if (found)
		return found->stack;
	if (HASH_COUNT(symbolizer->stacks) >= LIMIT_BUCKETS)
		return NULL;
	stack = remember(symbolizer, known, key_bytes);
	if (stack)
		known = NULL; /* the table's now */
	return stack;
}

const struct stack *symbolizer_bucket_stack(struct symbolizer *symbolizer, const uint64_t *pcs,
					    size_t count)
{
	return find_stack(symbolizer, BUCKET_STACK, pcs, count);
}

const struct stack *symbolizer_physical_stack(struct symbolizer *symbolizer, const uint64_t *pcs,
					      size_t count)
{
	return find_stack(symbolizer, PHYSICAL_STACK, pcs, count);
}
