/*
 * Where probes go: the functions of a group, the point in each that is cheap and exact, and the
 * proof that the process has the bytes there that were decoded. Nothing is put into a plan that was
 * not compared with the process's memory a moment ago.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "target/allocators.h"
#include "target/leaf_point.h"
#include "target/probe_functions.h"
#include "target/process.h"
#include "target/prologue.h"
#include "target/runtime_text.h"
#include "target/target.h"
#include "target/target_internal.h"

#define BREAKPOINT 0xcc /* int3 */

static size_t instruction_bytes(const struct probe_point *point, uint8_t first)
{
	if (point->instruction == PROBE_AT_PUSH)
		return 1;
	if (first == 0x55 || first == 0x90) /* push, nop */
		return 1;
	if (first == 0x0f || first == 0xe9) /* with a 32-bit distance */
		return first == 0x0f ? 6 : 5;
	return 2;
}

/* A process that we started is followed to its exit by a thread made for it (cmd/keeper.h), which
 * sets no breakpoints. */
static bool is_our_thread(pid_t tracer)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d", (int)tracer);
	return tracer != getpid() && access(path, F_OK) == 0;
}

/*
 * A breakpoint where the instruction begins is another observer's uprobe: the kernel runs any
 * number of them at one place and puts the instruction back after the last. A debugger's breakpoint
 * looks the same, but does not agree with ours; that is told from somebody tracing the process.
 */
static int accept_breakpoint(struct target *target, const struct probe_point *point)
{
	int pid = process_pid(target->process);
	pid_t tracer = process_tracer(target->process);

	if (tracer > 0 && !is_our_thread(tracer))
		return diag_fail(-EBUSY,
				 "%s of process %d has a breakpoint and process %d is tracing it: "
				 "no probes beside a debugger",
				 point->function, pid, (int)tracer);
	diag_note("%s of process %d is probed by somebody else too", point->function, pid);
	return 0;
}

/* `address`: link-time. */
static int verify(struct target *target, const struct probe_point *point, uint64_t address)
{
	int pid = process_pid(target->process), error;
	struct span file = elf_image_at(target->image, address);
	uint8_t memory[6], first = 0;
	size_t length;

	span_u8(file, 0, &first);
	length = instruction_bytes(point, first);
	error = memory_read(&target->memory, address + target->bias, memory, length);
	if (error < 0)
		return diag_fail(error, "cannot read %s of process %d", point->function, pid);
	if (!span_holds(file, 0, length) || memcmp(memory + 1, file.data + 1, length - 1) != 0 ||
	    (memory[0] != first && memory[0] != BREAKPOINT))
		return diag_fail(-ENOTSUP, "%s of process %d is not as in its file: no probes",
				 point->function, pid);
	return memory[0] == first ? 0 : accept_breakpoint(target, point);
}

/* A point of the executable, which has a link-time address and a file offset already. */
static int accept_point(struct target *target, enum probe_role role, struct probe_plan *plan)
{
	struct probe_point *point = &plan->points[plan->count];
	int error = verify(target, point, point->address);

	if (error < 0)
		return error;
	point->role = role;
	point->address += target->bias;
	plan->count++;
	return 0;
}

static int begin_point(struct target *target, struct probe_plan *plan)
{
	if (plan->count == LIMIT_PROBE_POINTS)
		return diag_fail(-ENOTSUP,
				 "'%s': more functions would be probed than the %d that can be",
				 elf_image_label(target->image), LIMIT_PROBE_POINTS);
	plan->points[plan->count] = (struct probe_point){ 0 };
	return 0;
}

int target_add_point(struct target *target, const struct go_function *function,
		     enum probe_role role, struct probe_plan *plan)
{
	int error = begin_point(target, plan);

	if (error < 0)
		return error;
	if (prologue_probe_point(target->disassembler, target->binary, function,
				 &plan->points[plan->count]) < 0)
		return diag_fail(-ENOTSUP, "'%s': %s does not begin as the Go compiler writes it",
				 elf_image_label(target->image), function->name);
	return accept_point(target, role, plan);
}

int target_add_leaf(struct target *target, const struct go_function *function, enum probe_role role,
		    struct probe_plan *plan)
{
	int error = begin_point(target, plan);
	struct probe_point *point = &plan->points[plan->count];

	if (error < 0)
		return error;
	if (leaf_point(target->disassembler, go_binary_text(target->binary, function),
		       function->entry, &point->address) < 0 ||
	    elf_image_file_offset(target->image, point->address, &point->file_offset) < 0)
		return diag_fail(-ENOTSUP, "'%s': %s has no instruction that is cheap to probe",
				 elf_image_label(target->image), function->name);
	point->instruction = PROBE_AT_LEAF;
	snprintf(point->function, sizeof(point->function), "%s", function->name);
	return accept_point(target, role, plan);
}

static int need_function(const struct target *target, const struct go_function *function,
			 const char *name)
{
	if (function->name)
		return 0;
	return diag_fail(-ENOTSUP, "'%s' has no function %s", elf_image_label(target->image), name);
}

size_t probe_functions_sampler(int go_minor, const char **ret)
{
	(void)go_minor;
	ret[0] = "runtime.setprofilebucket";
	ret[1] = "runtime.freeSpecial";
	return 2;
}

int target_plan_sampler(struct target *target, struct probe_plan *ret)
{
	const char *names[PROBE_FUNCTIONS_MAX];
	static const enum probe_role roles[] = { PROBE_SAMPLE_BIRTH, PROBE_SAMPLE_DEATH };
	struct go_function found[2] = { 0 };
	struct probe_plan plan = {
		.special_kind_offset = (uint32_t)target->layout.special_kind,
		.special_kind_profile = (uint32_t)target->layout.special_kind_profile,
		.special_bucket_offset = (uint32_t)target->layout.special_profile_bucket,
	};

	probe_functions_sampler(go_binary_version(target->binary)->minor, names);
	go_binary_find_functions(target->binary, names, 2, found);
	for (int i = 0; i < 2; i++) {
		int error = need_function(target, &found[i], names[i]);

		if (error == 0)
			error = target_add_point(target, &found[i], roles[i], &plan);
		if (error < 0)
			return error;
	}
	elf_image_release_pages(target->image);
	*ret = plan;
	return 0;
}

int target_plan_allocations(struct target *target, struct probe_plan *ret)
{
	struct allocators allocators;
	struct probe_plan plan = { 0 };
	int error = allocators_find(target->binary, &allocators);

	if (error < 0)
		return diag_fail(
			error,
			"'%s': its size-specialised allocators are not those of a known Go "
			"version",
			elf_image_label(target->image));
	error = need_function(target, &allocators.general, "runtime.mallocgc");
	if (error == 0)
		error = target_add_point(target, &allocators.general, PROBE_ALLOC, &plan);
	for (size_t i = 0; error == 0 && i < allocators.sized_count; i++)
		error = target_add_point(target, &allocators.sized[i], PROBE_ALLOC_SIZED, &plan);
	if (error < 0)
		return error;
	plan.alloc_min_bytes = allocators.sized_max_bytes;
	runtime_text_find(target->binary, plan.runtime_text);
	for (size_t i = 0; i < LIMIT_RUNTIME_RANGES; i++) {
		plan.runtime_text[i].start += target->bias;
		plan.runtime_text[i].end += target->bias;
	}
	elf_image_release_pages(target->image);
	*ret = plan;
	return 0;
}

struct gc_function {
	const char *name;
	enum probe_role role;
	int to_minor; /* the last Go version that needs it */
};

#define GC_NEWEST_MINOR 27 /* whose signatures are known (bpf/gc.bpf.c) */

static const struct gc_function gc_functions[] = {
	{ "runtime.(*gcControllerState).startCycle", PROBE_GC_CYCLE_START, GC_NEWEST_MINOR },
	{ "runtime.(*gcControllerState).endCycle", PROBE_GC_MARK_END, GC_NEWEST_MINOR },
	{ "runtime.(*gcCPULimiterState).finishGCTransition", PROBE_GC_TRANSITION, GC_NEWEST_MINOR },
	{ "runtime.startTheWorldWithSema", PROBE_WORLD_START, GC_NEWEST_MINOR },
	{ "runtime.stopTheWorldWithSema", PROBE_WORLD_STOP, 21 },
};
#define GC_FUNCTIONS (sizeof(gc_functions) / sizeof(*gc_functions))

_Static_assert(GC_FUNCTIONS <= PROBE_FUNCTIONS_MAX, "probe_functions.h");

size_t probe_functions_gc(int go_minor, const char **ret)
{
	size_t count = 0;

	for (size_t i = 0; i < GC_FUNCTIONS; i++)
		if (go_minor <= gc_functions[i].to_minor)
			ret[count++] = gc_functions[i].name;
	return count;
}

/* A layout from DWARF says where fields are, but nothing of what a function is passed. */
static int check_gc_version(const struct target *target)
{
	const struct go_version *version = go_binary_version(target->binary);

	if (version->major == 1 && version->minor >= 19 && version->minor != 20 &&
	    version->minor <= GC_NEWEST_MINOR)
		return 0;
	return diag_fail(-ENOTSUP, "'%s': what the GC of %s passes to its functions is not known",
			 elf_image_label(target->image), version->text);
}

static struct gc_plan plan_gc_memory(const struct target *target)
{
	const struct layout *layout = &target->layout;
	uint64_t controller = target->globals.gc_controller, memstats = target->globals.memstats;
	int minor = go_binary_version(target->binary)->minor;

	return (struct gc_plan){
		.heap_live = controller + (uint64_t)layout->gc_heap_live,
		.heap_marked = controller + (uint64_t)layout->gc_heap_marked,
		.last_goal = controller + (uint64_t)layout->gc_last_heap_goal,
		.cycles = memstats + (uint64_t)layout->memstats_numgc,
		.pauses = memstats + (uint64_t)layout->memstats_pause_ns,
		.stop_has_reason = minor >= 21,
		.start_has_stop = minor >= 22,
	};
}

int target_plan_gc(struct target *target, struct probe_plan *ret)
{
	int minor = go_binary_version(target->binary)->minor, error = check_gc_version(target);
	struct probe_plan plan = { .gc = plan_gc_memory(target) };
	struct go_function found[GC_FUNCTIONS] = { 0 };
	const char *names[GC_FUNCTIONS];

	for (size_t i = 0; i < GC_FUNCTIONS; i++)
		names[i] = gc_functions[i].name;
	go_binary_find_functions(target->binary, names, GC_FUNCTIONS, found);
	for (size_t i = 0; error == 0 && i < GC_FUNCTIONS; i++) {
		if (minor > gc_functions[i].to_minor)
			continue;
		error = need_function(target, &found[i], names[i]);
		if (error == 0)
			error = target_add_point(target, &found[i], gc_functions[i].role, &plan);
	}
	if (error < 0)
		return error;
	elf_image_release_pages(target->image);
	*ret = plan;
	return 0;
}

/* From the first to the last byte that the file's segments take. */
static void find_file(const struct target *target, struct probe_plan *plan)
{
	struct elf_segment segment;

	plan->file_start = UINT64_MAX;
	for (size_t i = 0; elf_image_segment(target->image, i, &segment); i++) {
		uint64_t start = segment.address + target->bias, end = start + segment.memory_bytes;

		plan->file_start = start < plan->file_start ? start : plan->file_start;
		plan->file_end = end > plan->file_end ? end : plan->file_end;
	}
}

size_t probe_functions_types(int go_minor, const char **ret)
{
	(void)go_minor;
	ret[0] = "runtime.itabAdd";
	ret[1] = "reflect.addReflectOff";
	return 2;
}

/* A layout from DWARF does not say what a function is passed; the names and signatures of these two
 * were read in every version that is accepted. */
int target_plan_types(struct target *target, struct probe_plan *ret)
{
	const char *names[PROBE_FUNCTIONS_MAX];
	struct go_function found[2] = { 0 };
	struct probe_plan plan = { 0 };
	int error;

	probe_functions_types(go_binary_version(target->binary)->minor, names);
	go_binary_find_functions(target->binary, names, 2, found);
	error = need_function(target, &found[0], names[0]);
	if (error == 0)
		error = target_add_point(target, &found[0], PROBE_TYPE_ITAB, &plan);
	if (error == 0 &&
	    found[1].name) /* else the program makes no types: it was linked without */
		error = target_add_point(target, &found[1], PROBE_TYPE_REFLECT, &plan);
	if (error < 0)
		return error;
	find_file(target, &plan);
	elf_image_release_pages(target->image);
	*ret = plan;
	return 0;
}
