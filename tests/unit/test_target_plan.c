/*
 * Where a live program may be touched, and where not: probe plans against the symbol table, and the
 * refusals. Needs the right to trace.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/announce.h"
#include "target/target.h"

DEFINE_CLEANUP(cleanup_target, struct target, target_free)
#define AUTO_TARGET CLEANUP(cleanup_target)

static char said[1024];

static void remember(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	snprintf(said, sizeof(said), "%s", text);
}

static void expect_refusal(int error, int expected, const char *words)
{
	EXPECT(error == expected, "%d instead of %d (%s)", error, expected, said);
	EXPECT(strstr(said, words), "'%s' does not say '%s'", said, words);
}

static void open_target(const struct program *program, struct target **ret)
{
	int error = target_open(program->pid, ret);

	if (error == -EACCES || error == -EPERM)
		test_skip("no right to trace a process here");
	EXPECT(error == 0, "cannot be opened: %d", error);
}

/* ---- plans ---- */

static void expect_point(const struct target *target, const struct probe_point *point,
			 const char *function)
{
	const struct elf_image *image = go_binary_image(target_binary(target));
	uint64_t symbol, bytes, file_offset;
	uint8_t code[2];

	EXPECT(strcmp(point->function, function) == 0, "%s, not %s", point->function, function);
	/* not PIE here: no bias */
	EXPECT(elf_image_symbol(image, function, &symbol, &bytes) == 0, "no %s", function);
	EXPECT(point->address > symbol && point->address < symbol + 64, "%s is not at its start",
	       function);
	EXPECT(elf_image_file_offset(image, point->address, &file_offset) == 0 &&
		       file_offset == point->file_offset,
	       "%s: the offset is another place", function);
	EXPECT(pread(process_executable(target_process(target)), code, 2,
		     (off_t)point->file_offset) == 2,
	       "%s: the offset is outside of the file", function);
	if (point->instruction == PROBE_AT_PUSH)
		EXPECT(code[0] == 0x55, "%s: no push at the point", function);
	else
		EXPECT(code[0] == 0x76 || (code[0] == 0x0f && code[1] == 0x86),
		       "%s: no jbe at the point", function);
}

static void check_plans(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	AUTO_TARGET struct target *target = NULL;
	struct probe_plan sampler, allocations;
	bool sized;

	open_target(&program, &target);
	EXPECT(target_plan_sampler(target, &sampler) == 0, "no plan for the sampler");
	EXPECT(sampler.count == 2, "%zu points", sampler.count);
	expect_point(target, &sampler.points[0], "runtime.setprofilebucket");
	expect_point(target, &sampler.points[1], "runtime.freeSpecial");
	EXPECT(sampler.points[0].role == PROBE_SAMPLE_BIRTH &&
		       sampler.points[1].role == PROBE_SAMPLE_DEATH,
	       "roles");
	EXPECT(target_plan_allocations(target, &allocations) == 0, "no plan for allocations");
	expect_point(target, &allocations.points[0], "runtime.mallocgc");
	EXPECT(allocations.points[0].role == PROBE_ALLOC, "role");
	sized = go_binary_version(target_binary(target))->minor >= 27;
	EXPECT(allocations.count == (sized ? 15 : 1), "%zu points", allocations.count);
	EXPECT(allocations.alloc_min_bytes == (sized ? 80 : 0), "threshold %" PRIu64,
	       allocations.alloc_min_bytes);
	for (size_t i = 1; i < allocations.count; i++) {
		expect_point(target, &allocations.points[i], allocations.points[i].function);
		EXPECT(allocations.points[i].role == PROBE_ALLOC_SIZED, "role");
	}
}

static void check_gc_plan(void)
{
	static const struct {
		const char *function;
		enum probe_role role;
	} points[] = {
		{ "runtime.(*gcControllerState).startCycle", PROBE_GC_CYCLE_START },
		{ "runtime.(*gcControllerState).endCycle", PROBE_GC_MARK_END },
		{ "runtime.(*gcCPULimiterState).finishGCTransition", PROBE_GC_TRANSITION },
		{ "runtime.startTheWorldWithSema", PROBE_WORLD_START },
		{ "runtime.stopTheWorldWithSema", PROBE_WORLD_STOP },
	};
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	AUTO_TARGET struct target *target = NULL;
	struct probe_plan plan;
	int minor;

	open_target(&program, &target);
	minor = go_binary_version(target_binary(target))->minor;
	EXPECT(target_plan_gc(target, &plan) == 0, "no plan for the GC");
	EXPECT(plan.count == (minor < 22 ? 5 : 4), "%zu points", plan.count);
	for (size_t i = 0; i < plan.count; i++) {
		expect_point(target, &plan.points[i], points[i].function);
		EXPECT(plan.points[i].role == points[i].role, "role");
	}
	EXPECT(plan.gc.stop_has_reason == (minor >= 21), "reason of a stop");
	EXPECT(plan.gc.start_has_stop == (minor >= 22), "stop of a start");
}

TEST("the plan for the GC names the places of the symbol table, and the stop's where it is needed")
{
	announce_each("plain", check_gc_plan);
}

static void check_types_plan(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	AUTO_TARGET struct target *target = NULL;
	struct probe_plan plan;

	open_target(&program, &target);
	EXPECT(target_plan_types(target, &plan) == 0, "no plan for types");
	EXPECT(plan.count == 2, "%zu points", plan.count);
	expect_point(target, &plan.points[0], "runtime.itabAdd");
	expect_point(target, &plan.points[1], "reflect.addReflectOff");
	EXPECT(plan.points[0].role == PROBE_TYPE_ITAB && plan.points[1].role == PROBE_TYPE_REFLECT,
	       "roles");
}

TEST("the plan for types names the places of the symbol table")
{
	announce_each("plain", check_types_plan);
}

TEST("plans name the places of the symbol table")
{
	announce_each("plain", check_plans);
}

/* Replaces one byte of the stopped tracee. */
static void poke(pid_t pid, uint64_t address, uint8_t byte)
{
	long word = ptrace(PTRACE_PEEKTEXT, pid, address, NULL);

	ptrace(PTRACE_POKETEXT, pid, address, (word & ~0xffL) | byte);
}

static void check_foreign_bytes(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	AUTO_TARGET struct target *target = NULL;
	struct probe_plan plan;
	int with_breakpoint, with_other, attached;
	char breakpoint_said[sizeof(said)];

	open_target(&program, &target);
	EXPECT(target_plan_sampler(target, &plan) == 0, "no plan");
	attached = ptrace(PTRACE_ATTACH, program.pid, NULL, NULL) == 0;
	EXPECT(attached, "cannot be traced");
	waitpid(program.pid, NULL, __WALL);
	diag_set_sink(remember, NULL);
	poke(program.pid, plan.points[0].address, 0xcc);
	with_breakpoint = target_plan_sampler(target, &plan);
	memcpy(breakpoint_said, said, sizeof(said));
	poke(program.pid, plan.points[0].address, 0x90);
	with_other = target_plan_sampler(target, &plan);
	diag_set_sink(NULL, NULL);
	expect_refusal(with_other, -ENOTSUP, "is not as in its file");
	memcpy(said, breakpoint_said, sizeof(said));
	expect_refusal(with_breakpoint, -EBUSY, "no probes beside a debugger");
}

TEST("no plan is made over a debugger's breakpoint or other bytes than the file's")
{
	announce_each("stripped", check_foreign_bytes);
}

/* ---- refusals of the sampling rate ---- */

static int set_with_depth(const char *setting, int *ret_minor)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(setting, ready);
	AUTO_TARGET struct target *target = NULL;
	uint64_t old;
	int error;

	open_target(&program, &target);
	diag_set_sink(remember, NULL);
	said[0] = '\0';
	error = target_set_sampling_rate(target, 4096, &old);
	diag_set_sink(NULL, NULL);
	*ret_minor = go_binary_version(target_binary(target))->minor;
	EXPECT(strstr(program_ask(&program, "alloc node 1000 1"), "\"ok\": true"), "it broke");
	return error;
}

static void check_depths(void)
{
	int minor, error;

	error = set_with_depth("GODEBUG=profstackdepth=1023", &minor);
	if (minor >= 26)
		expect_refusal(error, -ENOTSUP, "would crash the program");
	else
		EXPECT(error == 0, "%d (%s)", error, said);
	error = set_with_depth("GODEBUG=profstackdepth=1022", &minor);
	EXPECT(error == 0, "%d (%s)", error, said);
	error = set_with_depth("GODEBUG=profstackdepth=0", &minor);
	if (minor >= 23)
		expect_refusal(error, -ENOTSUP, "records no samples");
	else
		EXPECT(error == 0, "%d (%s)", error, said);
}

TEST("the sampling rate is left alone where sampling would crash or do nothing")
{
	announce_each("stripped", check_depths);
	announce_each("pie-stripped", check_depths);
}

TEST("a process that is not Go is refused once, in words")
{
	const char *const arguments[] = { "/bin/cat", NULL };
	AUTO_PROGRAM struct program program =
		program_start(arguments, (struct program_options){ 0 });
	struct target *target = NULL;
	int error;

	program_ask(&program, "are you there?");
	said[0] = '\0';
	diag_set_sink(remember, NULL);
	error = target_open(program.pid, &target);
	diag_set_sink(NULL, NULL);
	CHECK(error < 0);
	CHECK(!target);
	CHECK(strstr(said, "Go"));
}
