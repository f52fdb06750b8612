/* Where leaves can be probed, in code written by hand as Go's compiler writes it. */
#include "harness/test.h"

#include "target/leaf_point.h"

#define ENTRY 0x401000ULL
#define CODE(...)                                                                                  \
	((struct span){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }) })

#define ZERO_DX 0x31, 0xd2	 /* xor edx,edx */
#define NEXT_DX 0x48, 0xff, 0xc2 /* inc rdx */
#define TEST_AX 0x48, 0x85, 0xc0 /* test rax,rax */
#define RETURN	0xc3
#define FILL	0xcc, 0xcc, 0xcc /* what follows a function */

/* The offset of the point, -1 when there is none. */
static int point_of(struct span code)
{
	struct disassembler *disassembler = NULL;
	uint64_t address = 0;
	int error;

	CHECK_INT(disassembler_new(&disassembler), 0);
	error = leaf_point(disassembler, code, ENTRY, &address);
	disassembler_free(disassembler);
	return error < 0 ? -1 : (int)(address - ENTRY);
}

TEST("a leaf's frame is pushed first, and there it is counted")
{
	CHECK_INT(point_of(CODE(0x55, 0x48, 0x89, 0xe5, 0x5d, RETURN, FILL)), 0);
	CHECK_INT(point_of(CODE(ZERO_DX, 0x55, 0x5d, RETURN)), 2);
}

TEST("without a frame the first jump is passed once by every call")
{
	/* xor; jmp to the test; inc; test; jne back to inc; ret */
	CHECK_INT(point_of(CODE(ZERO_DX, 0xeb, 3, NEXT_DX, TEST_AX, 0x75, 0xf8, RETURN)), 2);
	CHECK_INT(point_of(CODE(TEST_AX, 0x74, 3, NEXT_DX, RETURN)), 3);
	CHECK_INT(point_of(CODE(TEST_AX, 0x0f, 0x84, 3, 0, 0, 0, NEXT_DX, RETURN)), 3);
	CHECK_INT(point_of(CODE(0x90, RETURN)), 0);
}

TEST("a loop that goes through the entry block cannot be counted")
{
	CHECK_INT(point_of(CODE(NEXT_DX, TEST_AX, 0x75, 0xf8, RETURN)), -1); /* to the entry */
	CHECK_INT(point_of(CODE(NEXT_DX, TEST_AX, 0x75, 0xfb, RETURN)), -1); /* to the test */
	CHECK_INT(point_of(CODE(NEXT_DX, 0x75, 0xfe, RETURN)), -1);	     /* to itself */
}

TEST("a leaf without anything that the kernel emulates has no point")
{
	CHECK_INT(point_of(CODE(0x48, 0x8b, 0, RETURN)), -1);
	CHECK_INT(point_of(CODE(0x48, 0x8b, 0, RETURN, 0x90)), -1); /* behind its end */
	CHECK_INT(point_of(CODE(RETURN)), -1);
	CHECK_INT(point_of((struct span){ 0 }), -1);
}

TEST("a jump through a table may lead anywhere")
{
	CHECK_INT(point_of(CODE(0x55, 0xff, 0xe0, RETURN)), -1); /* push; jmp rax */
}
