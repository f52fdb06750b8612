/* The forms of the stack check, written by hand as cmd/internal/obj/x86 emits them, and what comes
 * near them. */
#include "harness/test.h"

#include "target/prologue.h"

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
