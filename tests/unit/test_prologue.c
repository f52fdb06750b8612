/* The forms of the stack check, written by hand as cmd/internal/obj/x86 emits them, and what comes
 * near them. */
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/test.h"
#include "target/prologue.h"

DEFINE_CLEANUP(cleanup_image, struct elf_image, elf_image_free)
DEFINE_CLEANUP(cleanup_binary, struct go_binary, go_binary_free)
DEFINE_CLEANUP(cleanup_disassembler, struct disassembler, disassembler_free)

#define ENTRY 0x401000ULL
#define CODE(...)                                                                                  \
	((struct span){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }) })

#define SMALL	 0x49, 0x3b, 0x66, 0x10				      /* cmp rsp,[r14+16] */
#define LARGE	 0x4c, 0x8d, 0x64, 0x24, 0x80, 0x4d, 0x3b, 0x66, 0x10 /* lea r12; cmp r12 */
#define PUSH	 0x55						      /* push rbp */
#define SUB_SP	 0x48, 0x83, 0xec, 0x20				/* sub rsp,32: Go 1.19 goes on so */
#define TAIL	 0x48, 0x89, 0xe5, 0x90, 0x5d, 0xc3, 0x90, 0x90 /* up to the call of morestack */
#define JBE(n)	 0x76, n
#define JBE32(n) 0x0f, 0x86, n, 0, 0, 0

static int decode(struct span code, struct prologue_point *ret)
{
	struct disassembler *disassembler = NULL;
	int error;

	if (disassembler_new(&disassembler) < 0)
		test_fail(__FILE__, __LINE__, "no disassembler");
	error = prologue_decode(disassembler, code, ENTRY, ret);
	disassembler_free(disassembler);
	return error;
}

static void check_point(struct span code, enum probe_instruction instruction, uint64_t offset)
{
	struct prologue_point point = { 0 };

	CHECK_INT(decode(code, &point), 0);
	CHECK_INT(point.instruction, instruction);
	CHECK_INT(point.address - ENTRY, offset);
}

static void check_refused(struct span code)
{
	struct prologue_point point = { PROBE_AT_BRANCH, 7 };

	CHECK_INT(decode(code, &point), -ENOTSUP);
	CHECK_INT(point.address, 7); /* untouched */
}

TEST("the push after a small frame's stack check is the place")
{
	check_point(CODE(SMALL, JBE(7), PUSH, TAIL), PROBE_AT_PUSH, 6);
	check_point(CODE(SMALL, JBE32(7), PUSH, TAIL), PROBE_AT_PUSH, 10);
}

TEST("without a push, as in Go 1.19, the branch is the place")
{
	check_point(CODE(SMALL, JBE(9), SUB_SP, TAIL), PROBE_AT_BRANCH, 4);
	check_point(CODE(SMALL, JBE32(9), SUB_SP, TAIL), PROBE_AT_BRANCH, 4);
}

TEST("a large frame's check goes through r12")
{
	check_point(CODE(LARGE, JBE(7), PUSH, TAIL), PROBE_AT_PUSH, 11);
	check_point(CODE(LARGE, JBE(9), SUB_SP, TAIL), PROBE_AT_BRANCH, 9);
}

/* mov r12,rsp; sub r12,0x20000; jb; cmp r12,[r14+16] */
#define HUGE(n) 0x49, 0x89, 0xe4, 0x49, 0x81, 0xec, 0, 0, 2, 0, 0x72, n, 0x4d, 0x3b, 0x66, 0x10

TEST("a huge frame's check guards against underflow first")
{
	check_point(CODE(HUGE(13), JBE(7), PUSH, TAIL), PROBE_AT_PUSH, 18);
}

TEST("two branches that do not meet are no stack check")
{
	check_refused(CODE(HUGE(12), JBE(7), PUSH, TAIL));
}

TEST("a function without a stack check has no place")
{
	check_refused(CODE(PUSH, TAIL));
	check_refused(CODE(SUB_SP, TAIL));
	check_refused(CODE(0xc3));
	check_refused((struct span){ 0 });
}

TEST("what only resembles a stack check is refused")
{
	check_refused(CODE(0x49, 0x3b, 0x66, 0x18, JBE(7), PUSH, TAIL)); /* the guard of C stacks */
	check_refused(CODE(0x48, 0x3b, 0x61, 0x10, JBE(7), PUSH, TAIL)); /* ABI0: g is in rcx */
	check_refused(CODE(0x4d, 0x3b, 0x66, 0x10, JBE(7), PUSH, TAIL)); /* r12 never computed */
	check_refused(CODE(SMALL, 0x72, 7, PUSH, TAIL));		 /* jb, not jbe */
	check_refused(CODE(SMALL, 0x90, JBE(7), PUSH, TAIL));		 /* something in between */
}

TEST("a branch out of the function, or backwards, is refused")
{
	check_refused(CODE(SMALL, JBE(0x70), PUSH, TAIL));
	check_refused(CODE(SMALL, JBE(0xf0), PUSH, TAIL));
}

TEST("text that ends within the prologue is refused")
{
	check_refused(CODE(SMALL));
	check_refused(CODE(SMALL, JBE(7)));
	check_refused(CODE(SMALL, 0x0f, 0x86, 1));
}

TEST("encodings that the kernel would single-step are refused")
{
	/* push rbp as ff /6, and a jbe behind a prefix: the same meaning, other bytes */
	check_refused(CODE(SMALL, JBE(8), 0xff, 0xf5, TAIL));
	check_refused(CODE(SMALL, 0x2e, 0x76, 9, SUB_SP, TAIL));
}

/* ---- on real executables ---- */

/* Every function that heaptap probes; the last is one of 1.27's. */
static const char *const probed[] = {
	"runtime.setprofilebucket",
	"runtime.freeSpecial",
	"runtime.mallocgc",
	"runtime.profilealloc",
	"runtime.(*gcControllerState).startCycle",
	"runtime.(*gcControllerState).endCycle",
	"runtime.(*gcCPULimiterState).finishGCTransition",
	"runtime.startTheWorldWithSema",
	"runtime.mallocgcSmallScanNoHeaderSC3",
};
#define PROBED (sizeof(probed) / sizeof(*probed))

static int points_checked;

/* What is in the file at the offset, read without the code under test. */
static void check_file(int fd, const char *path, const struct go_function *function,
		       const struct probe_point *point, int go_minor)
{
	uint8_t bytes[2] = { 0 };
	bool push = go_minor >= 21; /* frame pointers moved into the prologue in 1.21 */

	CHECK_INT(pread(fd, bytes, 2, (off_t)point->file_offset), 2);
	if (point->instruction != (push ? PROBE_AT_PUSH : PROBE_AT_BRANCH) ||
	    (push ? bytes[0] != 0x55 : bytes[0] != 0x76 && (bytes[0] != 0x0f || bytes[1] != 0x86)))
		test_fail(__FILE__, __LINE__, "%s: %s: %02x %02x, instruction %d", path,
			  function->name, bytes[0], bytes[1], point->instruction);
	CHECK(point->address > function->entry && point->address < function->end);
	CHECK_STRING(point->function, function->name);
	points_checked++;
}

static int check_executable(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	AUTO_CLOSE int fd = type == FTW_F && status->st_mode & 0100 ? open(path, O_RDONLY) : -1;
	CLEANUP(cleanup_image) struct elf_image *image = NULL;
	CLEANUP(cleanup_binary) struct go_binary *binary = NULL;
	CLEANUP(cleanup_disassembler) struct disassembler *disassembler = NULL;
	struct go_function found[PROBED] = { 0 };
	struct probe_point point;

	(void)walk;
	if (fd < 0 || elf_image_open(fd, path, &image) < 0 || go_binary_open(image, &binary) < 0)
		return 0;
	CHECK_INT(disassembler_new(&disassembler), 0);
	go_binary_find_functions(binary, probed, PROBED, found);
	for (size_t i = 0; i < PROBED; i++) {
		if (!found[i].name)
			continue;
		CHECK_INT(prologue_probe_point(disassembler, binary, &found[i], &point), 0);
		check_file(fd, path, &found[i], &point, go_binary_version(binary)->minor);
	}
	return 0;
}

static void quiet(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

TEST("every function that is probed has a place in real executables")
{
	const char *folder = getenv("HEAPTAP_TARGETS") ?: "build/targets";

	points_checked = 0;
	diag_set_sink(quiet, NULL);
	nftw(folder, check_executable, 16, FTW_PHYS);
	diag_set_sink(NULL, NULL);
	if (points_checked == 0)
		test_skip("no Go executable in %s", folder);
	printf("# %d places checked\n", points_checked);
}
