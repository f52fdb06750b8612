/*
 * What a group of cache probes consists of: the functions that the globs match, sync.Pool's and
 * sync.Map's methods. What cannot be watched is said and left out; the rest is.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "target/function_glob.h"
#include "target/leaf_point.h"
#include "target/probe_functions.h"
#include "target/prologue.h"
#include "target/target.h"
#include "target/target_internal.h"

#define NAMED_OF_TOO_MANY 3

/* The note of a plan, sentence by sentence. */
struct remarks {
	char text[4096];
	size_t length;
};

static void remark(struct remarks *remarks, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void remark(struct remarks *remarks, const char *format, ...)
{
	size_t room = sizeof(remarks->text) - remarks->length;
	va_list arguments;
	int more;

	if (room < 3)
		return;
	if (remarks->length) {
		memcpy(remarks->text + remarks->length, ". ", 3);
		remarks->length += 2;
		room -= 2;
	}
	va_start(arguments, format);
	more = vsnprintf(remarks->text + remarks->length, room, format, arguments);
	va_end(arguments);
	if (more > 0)
		remarks->length += (size_t)more < room ? (size_t)more : room - 1;
}

static bool has(const struct cache_plan *plan, uint64_t entry)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->functions[i].entry == entry)
			return true;
	return false;
}

/* Why there is no point, or NULL. Most functions have a stack check; small leaves have none. */
static const char *add_probe(struct target *target, const struct go_function *function,
			     struct cache_plan *plan)
{
	struct probe_point *point = &plan->probes.points[plan->probes.count];
	struct span text = go_binary_text(target->binary, function);
	struct prologue_point decoded;
	uint64_t leaf;
	int error;

	if (prologue_decode(target->disassembler, text, function->entry, &decoded) == 0)
		error = target_add_point(target, function, PROBE_CACHE_CALL, &plan->probes);
	else if (leaf_point(target->disassembler, text, function->entry, &leaf) == 0)
		error = target_add_leaf(target, function, PROBE_CACHE_LEAF, &plan->probes);
	else
		return "not counted: it has no instruction that is cheap to probe";
	if (error < 0)
		return "not counted: the process does not have the bytes of its file there";
	point->index = (uint32_t)plan->count;
	return NULL;
}

static bool is_wrapper(const struct target *target, const struct go_function *function)
{
	struct go_frame frames[LIMIT_INLINE_DEPTH];
	size_t count =
		go_binary_frames_at(target->binary, function->entry, frames, LIMIT_INLINE_DEPTH);

	return count && frames[count - 1].wrapper;
}

static void add_function(struct target *target, const struct go_function *function,
			 const char *glob, struct cache_plan *plan)
{
	struct cache_target *added = &plan->functions[plan->count];
	const char *note = add_probe(target, function, plan);

	*added = (struct cache_target){
		.glob = intern_string(target->intern, glob),
		.function = intern_string(target->intern, function->name),
		.entry = function->entry + target->bias,
		.end = function->end + target->bias,
		.note = note,
		.probed = !note,
	};
	if (!note && is_wrapper(target, function))
		added->note = "made by the compiler: it calls the one that has a row too";
	if (note)
		diag_note("%s: %s", function->name, note);
	plan->count++;
}

static void refuse_glob(const char *glob, const struct go_function *functions, size_t matches,
			size_t there, struct remarks *remarks)
{
	char names[1024] = "", others[80] = ",";
	size_t length = 0;

	for (size_t i = 0; i < matches && i < NAMED_OF_TOO_MANY; i++)
		length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%.300s",
					   i ? ", " : "", functions[i].name);
	if (there)
		snprintf(others, sizeof(others), ", which with the %zu of other globs is", there);
	remark(remarks,
	       "'%s' matches %zu functions%s more than the %d that are watched at once: make it "
	       "narrower (%s, ...)",
	       glob, matches, others, LIMIT_CACHE_FUNCTIONS, names);
}

static void add_glob(struct target *target, const char *glob, struct cache_plan *plan,
		     struct remarks *remarks)
{
	struct go_function functions[LIMIT_CACHE_FUNCTIONS];
	size_t matches = function_glob(target->binary, glob, functions, LIMIT_CACHE_FUNCTIONS);
	size_t room = LIMIT_CACHE_FUNCTIONS - plan->count;
	char why[1024];

	if (!matches) {
		function_glob_explain(target->binary, glob, why, sizeof(why));
		remark(remarks, "%s", why);
	} else if (matches > room) {
		refuse_glob(glob, functions, matches, plan->count, remarks);
	} else {
		for (size_t i = 0; i < matches; i++)
			if (!has(plan, functions[i].entry + target->bias))
				add_function(target, &functions[i], glob, plan);
	}
}

struct method {
	const char *name;
	enum probe_role role;
};

/* Delete is LoadAndDelete, and Store is Swap where there is one: it is not counted twice. */
static const struct method pool_methods[] = {
	{ "sync.(*Pool).Get", PROBE_POOL_GET },
	{ "sync.(*Pool).Put", PROBE_POOL_PUT },
};

#define HASH_TRIE_MAP "internal/sync.(*HashTrieMap[go.shape.interface {},go.shape.interface {}])."
static const struct method trie_methods[] = {
	{ HASH_TRIE_MAP "Load", PROBE_MAP_LOAD },
	{ HASH_TRIE_MAP "Swap", PROBE_MAP_STORE },
	{ HASH_TRIE_MAP "LoadOrStore", PROBE_MAP_OTHER },
	{ HASH_TRIE_MAP "LoadAndDelete", PROBE_MAP_OTHER },
	{ HASH_TRIE_MAP "CompareAndSwap", PROBE_MAP_OTHER },
	{ HASH_TRIE_MAP "CompareAndDelete", PROBE_MAP_OTHER },
	{ HASH_TRIE_MAP "Range", PROBE_MAP_OTHER },
	{ HASH_TRIE_MAP "Clear", PROBE_MAP_OTHER },
};
static const struct method map_methods[] = {
	{ "sync.(*Map).Load", PROBE_MAP_LOAD },
	{ "sync.(*Map).Swap", PROBE_MAP_STORE },
	{ "sync.(*Map).LoadOrStore", PROBE_MAP_OTHER },
	{ "sync.(*Map).LoadAndDelete", PROBE_MAP_OTHER },
	{ "sync.(*Map).CompareAndSwap", PROBE_MAP_OTHER },
	{ "sync.(*Map).CompareAndDelete", PROBE_MAP_OTHER },
	{ "sync.(*Map).Range", PROBE_MAP_OTHER },
	{ "sync.(*Map).Clear", PROBE_MAP_OTHER },
};
/* Before Swap (1.20). */
static const struct method old_map_methods[] = {
	{ "sync.(*Map).Load", PROBE_MAP_LOAD },
	{ "sync.(*Map).Store", PROBE_MAP_STORE },
	{ "sync.(*Map).LoadOrStore", PROBE_MAP_OTHER },
	{ "sync.(*Map).LoadAndDelete", PROBE_MAP_OTHER },
	{ "sync.(*Map).Range", PROBE_MAP_OTHER },
};
#define METHODS_MOST 8
_Static_assert(2 + METHODS_MOST <= PROBE_FUNCTIONS_MAX, "probe_functions.h");

struct method_list {
	const struct method *items;
	size_t count;
};
#define METHODS(methods) ((struct method_list){ methods, sizeof(methods) / sizeof(*(methods)) })

static size_t find_methods(const struct go_binary *binary, struct method_list methods,
			   struct go_function *ret)
{
	const char *names[METHODS_MOST] = { NULL };

	for (size_t i = 0; i < methods.count; i++)
		names[i] = methods.items[i].name;
	return go_binary_find_functions(binary, names, methods.count, ret);
}

/* From 1.24 on sync.Map is a HashTrieMap, unless GOEXPERIMENT=nosynchashtriemap left it as it was.
 */
static struct method_list map_methods_of(const struct go_binary *binary)
{
	int minor = go_binary_version(binary)->minor;
	struct go_function found[METHODS_MOST];

	if (minor >= 24 && find_methods(binary, METHODS(trie_methods), found) > 0)
		return METHODS(trie_methods);
	return minor < 20 ? METHODS(old_map_methods) : METHODS(map_methods);
}

size_t probe_functions_caches(const struct go_binary *binary, const char **ret)
{
	const struct method_list lists[] = { METHODS(pool_methods), map_methods_of(binary) };
	size_t count = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (size_t j = 0; j < lists[i].count; j++)
			ret[count++] = lists[i].items[j].name;
	return count;
}

static void add_methods(struct target *target, struct method_list methods, struct cache_plan *plan,
			struct remarks *remarks)
{
	struct go_function found[METHODS_MOST];

	find_methods(target->binary, methods, found);
	for (size_t i = 0; i < methods.count; i++) {
		const struct method *method = &methods.items[i];

		if (!found[i].name)
			continue;
		if (target_add_point(target, &found[i], method->role, &plan->probes) < 0)
			remark(remarks, "%s cannot be probed: its calls are not counted",
			       method->name);
		if (method->role == PROBE_POOL_GET)
			plan->probes.pool = (struct pool_plan){ found[i].entry + target->bias,
								found[i].end + target->bias };
	}
}

int target_plan_caches(struct target *target, const char *const *globs, size_t count,
		       struct cache_plan *ret)
{
	struct remarks *remarks AUTO_FREE = calloc(1, sizeof(*remarks));

	if (!remarks)
		return diag_fail(-ENOMEM, "cannot observe caches");
	*ret = (struct cache_plan){ 0 };
	for (size_t i = 0; i < count; i++)
		add_glob(target, globs[i], ret, remarks);
	add_methods(target, METHODS(pool_methods), ret, remarks);
	add_methods(target, map_methods_of(target->binary), ret, remarks);
	if (remarks->length)
		ret->note = intern_string(target->intern, remarks->text);
	elf_image_release_pages(target->image);
	return 0;
}
