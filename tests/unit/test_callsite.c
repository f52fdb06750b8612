/*
 * Call sites: the tracing of registers on machine code written by hand, the registry of callees,
 * and both together on the test targets (tests/targets/announce), whose source says which function
 * makes which type.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/test.h"
#include "target/argument.h"
#include "target/callsite.h"
#include "target/callsite_callees.h"

DEFINE_CLEANUP(cleanup_image, struct elf_image, elf_image_free)
DEFINE_CLEANUP(cleanup_binary, struct go_binary, go_binary_free)
DEFINE_CLEANUP(cleanup_disassembler, struct disassembler, disassembler_free)
DEFINE_CLEANUP(cleanup_callsites, struct callsites, callsites_free)

#define ENTRY 0x401000ULL
#define CODE(...)                                                                                  \
	((struct span){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }) })

#define LEA_AX	   0x48, 0x8d, 0x05, 0x00, 0x10, 0x00, 0x00 /* lea rax,[rip+0x1000] */
#define LEA_BX	   0x48, 0x8d, 0x1d, 0x00, 0x10, 0x00, 0x00
#define MOVE_AX_BX 0x48, 0x89, 0xd8		/* mov rax,rbx */
#define ZERO_BX	   0x31, 0xdb			/* xor ebx,ebx */
#define MOV_CX_1   0xb9, 0x01, 0x00, 0x00, 0x00 /* mov ecx,1 */
#define LOAD_AX	   0x48, 0x8b, 0x44, 0x24, 0x08 /* mov rax,[rsp+8] */
#define CALL	   0xe8, 0x00, 0x00, 0x00, 0x00
#define JE(n)	   0x74, n
#define JMP(n)	   0xeb, n

static int argument_in(struct span code, enum machine_register which, struct argument *ret)
{
	CLEANUP(cleanup_disassembler) struct disassembler *disassembler = NULL;

	if (disassembler_new(&disassembler) < 0)
		test_fail(__FILE__, __LINE__, "no disassembler");
	return argument_of_call(disassembler, code, ENTRY, ENTRY + code.length, which, ret);
}

static void check_address(struct span code, enum machine_register which, uint64_t offset)
{
	struct argument argument = { ARGUMENT_UNKNOWN, 0 };

	CHECK_INT(argument_in(code, which, &argument), 0);
	CHECK_INT(argument.kind, ARGUMENT_ADDRESS);
	CHECK_INT(argument.address, ENTRY + offset);
}

static void check_kind(struct span code, enum machine_register which, enum argument_kind kind)
{
	struct argument argument = { ARGUMENT_ADDRESS, 1 };

	CHECK_INT(argument_in(code, which, &argument), 0);
	CHECK_INT(argument.kind, kind);
}

TEST("an address loaded before a call is its argument")
{
	check_address(CODE(LEA_AX, CALL), REG_AX, 7 + 0x1000);
	check_address(CODE(MOV_CX_1, LEA_AX, MOV_CX_1, CALL), REG_AX, 5 + 7 + 0x1000);
	check_address(CODE(LEA_AX, LEA_BX, CALL), REG_AX, 7 + 0x1000);
	check_address(CODE(LEA_AX, LEA_BX, CALL), REG_BX, 14 + 0x1000);
}

TEST("a copied address is followed, and the copy outlives its source")
{
	check_address(CODE(LEA_BX, MOVE_AX_BX, CALL), REG_AX, 7 + 0x1000);
	check_address(CODE(LEA_BX, MOVE_AX_BX, ZERO_BX, CALL), REG_AX, 7 + 0x1000);
}

TEST("a zero argument is told")
{
	check_kind(CODE(ZERO_BX, CALL), REG_BX, ARGUMENT_ZERO);
	check_kind(CODE(0xbb, 0, 0, 0, 0, CALL), REG_BX, ARGUMENT_ZERO); /* mov ebx,0 */
	check_kind(CODE(0xb3, 0, CALL), REG_BX, ARGUMENT_UNKNOWN);	 /* mov bl,0 */
}

TEST("an argument from memory, or never written, is unknown")
{
	check_kind(CODE(LEA_AX, LOAD_AX, CALL), REG_AX, ARGUMENT_UNKNOWN);
	check_kind(CODE(LEA_BX, CALL), REG_AX, ARGUMENT_UNKNOWN);
	check_kind(CODE(LEA_AX, 0xb0, 1, CALL), REG_AX, ARGUMENT_UNKNOWN); /* mov al,1 */
}

TEST("what a register held before another call or a jump does not count")
{
	check_kind(CODE(LEA_AX, CALL, CALL), REG_AX, ARGUMENT_UNKNOWN);
	check_kind(CODE(LEA_AX, 0xff, 0xd1, CALL), REG_AX, ARGUMENT_UNKNOWN); /* call rcx */
	check_kind(CODE(LEA_AX, JMP(0), CALL), REG_AX, ARGUMENT_UNKNOWN);
	check_kind(CODE(LEA_AX, 0xc3, CALL), REG_AX, ARGUMENT_UNKNOWN); /* ret */
}

TEST("a branch around the load makes the argument unknown")
{
	check_kind(CODE(JE(7), LEA_AX, CALL), REG_AX, ARGUMENT_UNKNOWN);
	check_kind(CODE(JE(7), LEA_AX, MOV_CX_1, CALL), REG_AX, ARGUMENT_UNKNOWN);
	check_kind(CODE(JE(10), LEA_BX, MOVE_AX_BX, CALL), REG_AX, ARGUMENT_UNKNOWN);
}

TEST("a branch to the load itself, or beyond the call, does no harm")
{
	check_address(CODE(JE(5), MOV_CX_1, LEA_AX, CALL), REG_AX, 2 + 5 + 7 + 0x1000);
	check_address(CODE(LEA_AX, JE(0x40), CALL), REG_AX, 7 + 0x1000);
}

TEST("a return address that no call ends at gives no argument")
{
	struct argument argument;

	CHECK_INT(argument_in(CODE(LEA_AX), REG_AX, &argument), -ENOENT);
	CHECK_INT(argument_in(CODE(LEA_AX, CALL, 0x90), REG_AX, &argument), -ENOENT);
	CHECK_INT(argument_in(CODE(0x06, CALL), REG_AX, &argument), -ENOENT); /* undecodable */
	CHECK_INT(argument_in((struct span){ 0 }, REG_AX, &argument), -ENOENT);
}

TEST("growslice's descriptor moved from AX to SI in Go 1.20")
{
	CHECK_INT(callee_find("runtime.growslice", 19)->descriptor, REG_AX);
	CHECK_INT(callee_find("runtime.growslice", 21)->descriptor, REG_SI);
	CHECK_INT(callee_find("runtime.growslice", 27)->descriptor, REG_SI);
}

TEST("size-specialised allocators are known whatever their class, others are not")
{
	CHECK_INT(callee_find("runtime.mallocgcSmallScanNoHeaderSC3", 27)->descriptor, REG_BX);
	CHECK_INT(callee_find("runtime.mallocgcTinySC2", 27)->descriptor, REG_BX);
	CHECK(callee_find("runtime.mallocgcSmallScanNoHeader", 27) == NULL);
	CHECK(callee_find("runtime.newobjects", 27) == NULL);
	CHECK(callee_find("", 27) == NULL);
}

TEST("the runtime's frames are told from the program's")
{
	CHECK(callee_is_runtime("runtime.makeslice", 27));
	CHECK(callee_is_runtime("internal/runtime/maps.(*Map).putSlotSmall", 27));
	CHECK(callee_is_runtime("reflect.unsafe_New", 27));
	CHECK(!callee_is_runtime("reflect.New", 27));
	CHECK(!callee_is_runtime("runtime/pprof.writeHeap", 27)); /* another package */
	CHECK(!callee_is_runtime("main.main", 27));
}

/* ---- on real executables ---- */

struct subject {
	const char *path;
	struct go_binary *binary;
	struct disassembler *disassembler;
	struct callsites *callsites;
};

/* Independent of types.c: internal/abi/type.go Type.Str at 40, TFlagExtraStar in byte 20. */
static void type_name(const struct go_binary *binary, uint64_t type, char *ret, size_t bytes)
{
	struct span descriptor = elf_image_at(go_binary_image(binary), type), name;
	uint64_t offset = 1;
	uint32_t length;
	uint8_t flags;
	int32_t string;

	*ret = '\0';
	if (span_i32(descriptor, 40, &string) < 0 || span_u8(descriptor, 20, &flags) < 0)
		return;
	name = elf_image_at(go_binary_image(binary),
			    go_binary_module(binary)->types + (uint64_t)string);
	if (span_uvarint(name, &offset, &length) < 0 || !span_holds(name, offset, length))
		return;
	name = span_sub(name, offset, length);
	if (flags & 2)
		name = span_from(name, 1);
	snprintf(ret, bytes, "%.*s", (int)name.length, (const char *)name.data);
}

struct search {
	const struct subject *subject;
	struct callsite first;
	uint64_t return_address; /* of that call */
};

static bool visit_call(void *context, const struct instruction *instruction)
{
	struct search *search = context;
	uint64_t pc = instruction->address + instruction->length;

	if (instruction->operation == OP_CALL) {
		search->first = callsite_of_stack(search->subject->callsites, &pc, 1);
		search->return_address = pc;
	}
	return search->first.shape == CALLSITE_UNKNOWN;
}

/* The first call of a function that allocates. */
static struct search first_site(const struct subject *subject, const char *function)
{
	struct search search = { .subject = subject };
	struct go_function found = { .name = NULL };

	go_binary_find_functions(subject->binary, &function, 1, &found);
	if (!found.name)
		test_fail(__FILE__, __LINE__, "%s: no %s", subject->path, function);
	disassemble(subject->disassembler, go_binary_text(subject->binary, &found), found.entry,
		    visit_call, &search);
	return search;
}

/* From tests/targets/announce/kinds.go. */
static const struct {
	const char *function;
	enum callsite_shape shape;
	const char *type;
} announced[] = {
	{ "main.makeNode", CALLSITE_OBJECT, "main.node" },
	{ "main.makeBlock64", CALLSITE_OBJECT, "main.block64" },
	{ "main.makePage1k", CALLSITE_OBJECT, "main.page1k" },
	{ "main.makeLarge100k", CALLSITE_OBJECT, "main.large100k" },
	{ "main.makeTiny8", CALLSITE_OBJECT, "main.tiny8" },
	{ "main.makeDirectory", CALLSITE_OBJECT, "main.directory" },
	{ "main.makeBytes", CALLSITE_ELEMENTS, "uint8" },
	{ "main.makeWords", CALLSITE_ELEMENTS, "uint64" },
	{ "main.makeNodeList", CALLSITE_ELEMENTS, "*main.node" },
	{ "main.makeIndex", CALLSITE_MAP, "map[uint64]uint64" },
	{ "main.makeText", CALLSITE_NAMED, "string" },
	{ "main.box", CALLSITE_OBJECT, "main.record" },
	{ "main.boxNumber", CALLSITE_NAMED, "uint64 (or another 8-byte value)" },
	{ "main.makeInlined", CALLSITE_OBJECT, "main.leaf" },
	{ "example.com/targets/announce/store%2ev2.New", CALLSITE_OBJECT, "store.Item" },
};

static void check_announced(const struct subject *subject)
{
	for (size_t i = 0; i < sizeof(announced) / sizeof(*announced); i++) {
		struct callsite site = first_site(subject, announced[i].function).first;
		char name[256] = "";

		if (site.shape == CALLSITE_NAMED)
			snprintf(name, sizeof(name), "%s", site.name);
		else if (site.type)
			type_name(subject->binary, site.type, name, sizeof(name));
		if (site.shape != announced[i].shape || strcmp(name, announced[i].type))
			test_fail(__FILE__, __LINE__, "%s: %s makes '%s' (%d), not '%s' (%d)",
				  subject->path, announced[i].function, name, site.shape,
				  announced[i].type, announced[i].shape);
	}
}

static void check_stack(const struct subject *subject, const uint64_t *pcs, size_t count,
			const char *expected)
{
	struct callsite site = callsite_of_stack(subject->callsites, pcs, count);
	char name[256];

	type_name(subject->binary, site.type, name, sizeof(name));
	if (strcmp(name, expected))
		test_fail(__FILE__, __LINE__, "%s: a stack of %zu makes '%s', not '%s'",
			  subject->path, count, name, expected);
}

/* Stacks as they begin in the different versions, and one allocation inside of another. */
static void check_stacks(const struct subject *subject)
{
	const char *const names[] = { "runtime.mallocgc", "runtime.newobject" };
	struct go_function found[2] = { 0 };
	uint64_t node = first_site(subject, "main.makeNode").return_address;
	/* a part of the runtime that allocates for itself; of what type, differs by version */
	struct search inner = first_site(subject, "runtime.acquireSudog");
	uint64_t sudog = inner.return_address;
	char sudog_type[256];

	CHECK_INT(go_binary_find_functions(subject->binary, names, 2, found), 2);
	const uint64_t in_mallocgc = found[0].entry + 64, in_newobject = found[1].entry + 8;

	type_name(subject->binary, inner.first.type, sudog_type, sizeof(sudog_type));
	CHECK(strstr(sudog_type, "runtime.sudog"));
	check_stack(subject, (const uint64_t[]){ node }, 1, "main.node");
	check_stack(subject, (const uint64_t[]){ in_mallocgc, in_newobject, node }, 3, "main.node");
	check_stack(subject, (const uint64_t[]){ in_mallocgc, in_newobject }, 2, "");
	check_stack(subject, (const uint64_t[]){ in_newobject, sudog }, 2, sudog_type);
	check_stack(subject, (const uint64_t[]){ in_newobject, sudog, in_mallocgc, node }, 4,
		    sudog_type);
	check_stack(subject, (const uint64_t[]){ 0, 1, UINT64_MAX }, 3, "");
	check_stack(subject, NULL, 0, "");
}

/* Calls of functions whose callee has a descriptor argument, outside of the runtime. */
struct share {
	const struct subject *subject;
	size_t sites, resolved;
};

static bool count_call(void *context, const struct instruction *instruction)
{
	struct share *share = context;
	const struct go_binary *binary = share->subject->binary;
	uint64_t pc = instruction->address + instruction->length;
	const struct callee *callee;
	struct go_function called;

	if (instruction->operation != OP_CALL ||
	    go_binary_function_at(binary, instruction->target, &called) < 0 ||
	    called.entry != instruction->target)
		return true;
	callee = callee_find(called.name, go_binary_version(binary)->minor);
	if (!callee || callee->descriptor == REG_NONE)
		return true;
	share->sites++;
	share->resolved +=
		callsite_of_stack(share->subject->callsites, &pc, 1).shape != CALLSITE_UNKNOWN;
	return true;
}

static void count_sites(const struct subject *subject, struct share *share)
{
	size_t count = go_binary_function_count(subject->binary);

	share->subject = subject;
	for (size_t i = 0; i < count; i++) {
		struct go_function function;

		if (go_binary_function(subject->binary, i, &function) < 0 ||
		    callee_is_runtime(function.name, go_binary_version(subject->binary)->minor))
			continue;
		disassemble(subject->disassembler, go_binary_text(subject->binary, &function),
			    function.entry, count_call, share);
	}
}

static void quiet(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

static struct share total;
static int executables, announcers;

static void examine_subject(const struct subject *subject)
{
	if (strstr(subject->path, "/announce-")) {
		check_announced(subject);
		check_stacks(subject);
		announcers++;
	}
	count_sites(subject, &total);
	executables++;
}

static int examine(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	AUTO_CLOSE int fd = type == FTW_F && status->st_mode & 0100 ? open(path, O_RDONLY) : -1;
	CLEANUP(cleanup_image) struct elf_image *image = NULL;
	CLEANUP(cleanup_binary) struct go_binary *binary = NULL;
	CLEANUP(cleanup_disassembler) struct disassembler *disassembler = NULL;
	CLEANUP(cleanup_callsites) struct callsites *callsites = NULL;

	(void)walk;
	if (fd < 0 || elf_image_open(fd, path, &image) < 0 || go_binary_open(image, &binary) < 0)
		return 0;
	CHECK_INT(disassembler_new(&disassembler), 0);
	CHECK_INT(callsites_new(binary, disassembler, &callsites), 0);
	examine_subject(&(struct subject){ path, binary, disassembler, callsites });
	return 0;
}

TEST("real call sites tell the types that the source says, and hardly any stays unknown")
{
	const char *folder = getenv("HEAPTAP_TARGETS") ?: "build/targets";

	total = (struct share){ 0 };
	executables = announcers = 0;
	diag_set_sink(quiet, NULL);
	nftw(folder, examine, 16, FTW_PHYS);
	diag_set_sink(NULL, NULL);
	if (executables == 0)
		test_skip("no Go executable in %s", folder);
	printf("# %zu of %zu sites told in %d executables; %d of them announce\n", total.resolved,
	       total.sites, executables, announcers);
	CHECK(total.resolved >= total.sites / 100 * 99); /* 99.4-100 % in Debian's Go tools */
}
