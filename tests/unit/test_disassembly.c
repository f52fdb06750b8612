/* Machine code written by hand from the encodings in Intel's manual, volume 2. */
#include "harness/test.h"

#include "target/disassembly.h"

#define BASE 0x401000ULL
#define CODE(...)                                                                                  \
	((struct span){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }) })

struct seen {
	struct instruction instructions[16];
	size_t count, stop_after;
};

static bool visit(void *context, const struct instruction *instruction)
{
	struct seen *seen = context;

	seen->instructions[seen->count++] = *instruction;
	return seen->count != seen->stop_after && seen->count < 16;
}

static int decode(struct span code, size_t stop_after, struct seen *ret)
{
	struct disassembler *disassembler = NULL;
	int error;

	*ret = (struct seen){ .stop_after = stop_after };
	if (disassembler_new(&disassembler) < 0)
		test_fail(__FILE__, __LINE__, "no disassembler");
	error = disassemble(disassembler, code, BASE, visit, ret);
	disassembler_free(disassembler);
	return error;
}

static struct instruction one(struct span code)
{
	struct seen seen;

	if (decode(code, 0, &seen) < 0 || seen.count != 1)
		test_fail(__FILE__, __LINE__, "not exactly one instruction");
	return seen.instructions[0];
}

TEST("the instructions of a stack check are told")
{
	struct instruction small = one(CODE(0x49, 0x3b, 0x66, 0x10));	  /* cmp rsp,[r14+16] */
	struct instruction large = one(CODE(0x4d, 0x3b, 0x66, 0x10));	  /* cmp r12,[r14+16] */
	struct instruction lea = one(CODE(0x4c, 0x8d, 0x64, 0x24, 0x80)); /* lea r12,[rsp-128] */
	struct instruction sub =
		one(CODE(0x49, 0x81, 0xec, 0x00, 0x00, 0x02, 0x00)); /* sub r12,0x20000 */

	CHECK_INT(small.operation, OP_COMPARE_GUARD);
	CHECK_INT(small.source, REG_SP);
	CHECK_INT(small.writes, 0);
	CHECK_INT(large.operation, OP_COMPARE_GUARD);
	CHECK_INT(large.source, REG_R12);
	CHECK_INT(lea.operation, OP_LEA_SP);
	CHECK_INT(lea.destination, REG_R12);
	CHECK_INT(lea.target, 0);
	CHECK_INT(sub.operation, OP_SUBTRACT);
	CHECK_INT(sub.destination, REG_R12);
}

TEST("comparing with another field, or another register's memory, is no stack check")
{
	/* cmp rsp,[r14+24]: the guard of C stacks; cmp rsp,[rcx+16]: g not in r14 */
	CHECK_INT(one(CODE(0x49, 0x3b, 0x66, 0x18)).operation, OP_OTHER);
	CHECK_INT(one(CODE(0x48, 0x3b, 0x61, 0x10)).operation, OP_OTHER);
	CHECK_INT(one(CODE(0x41, 0x3b, 0x66, 0x10)).operation, OP_OTHER); /* cmp esp,[r14+16] */
}

TEST("push %rbp is told from other pushes")
{
	CHECK_INT(one(CODE(0x55)).operation, OP_PUSH_BP);
	CHECK_INT(one(CODE(0x53)).operation, OP_OTHER);	      /* push %rbx */
	CHECK_INT(one(CODE(0x66, 0x55)).operation, OP_OTHER); /* push %bp */
}

TEST("branches carry their target")
{
	struct instruction near = one(CODE(0x76, 0x10));
	struct instruction far = one(CODE(0x0f, 0x86, 0x00, 0x01, 0x00, 0x00));
	struct instruction backwards = one(CODE(0xeb, 0xfe));
	struct instruction other = one(CODE(0x74, 0x02));

	CHECK_INT(near.operation, OP_JUMP_BE);
	CHECK_INT(near.target, BASE + 2 + 0x10);
	CHECK_INT(far.operation, OP_JUMP_BE);
	CHECK_INT(far.target, BASE + 6 + 0x100);
	CHECK_INT(backwards.operation, OP_JUMP);
	CHECK_INT(backwards.target, BASE);
	CHECK_INT(other.operation, OP_JUMP_IF);
	CHECK_INT(other.target, BASE + 4);
	CHECK_INT(one(CODE(0xff, 0xe0)).operation, OP_JUMP_OTHER); /* jmp rax */
	CHECK_INT(one(CODE(0xc3)).operation, OP_RETURN);
}

TEST("calls are direct with a target, or indirect without one")
{
	struct instruction direct = one(CODE(0xe8, 0xfb, 0xff, 0xff, 0xff));
	struct instruction indirect = one(CODE(0xff, 0xd0)); /* call rax */

	CHECK_INT(direct.operation, OP_CALL);
	CHECK_INT(direct.target, BASE);
	CHECK_INT(direct.length, 5);
	CHECK_INT(indirect.operation, OP_CALL_OTHER);
	CHECK_INT(indirect.target, 0);
}

TEST("pc-relative operands give the address of the data")
{
	/* lea rax,[rip+0x1234]; mov rbx,[rip-7]; mov [rip+8],rcx; cmp dword [rip+0x10],0 */
	struct instruction lea = one(CODE(0x48, 0x8d, 0x05, 0x34, 0x12, 0x00, 0x00));
	struct instruction load = one(CODE(0x48, 0x8b, 0x1d, 0xf9, 0xff, 0xff, 0xff));
	struct instruction store = one(CODE(0x48, 0x89, 0x0d, 0x08, 0x00, 0x00, 0x00));
	struct instruction compare = one(CODE(0x83, 0x3d, 0x10, 0x00, 0x00, 0x00, 0x00));

	CHECK_INT(lea.operation, OP_LEA);
	CHECK_INT(lea.destination, REG_AX);
	CHECK_INT(lea.target, BASE + 7 + 0x1234);
	CHECK(lea.references);
	CHECK_INT(load.operation, OP_LOAD);
	CHECK_INT(load.destination, REG_BX);
	CHECK_INT(load.target, BASE);
	CHECK_INT(store.operation, OP_STORE);
	CHECK_INT(store.target, BASE + 7 + 8);
	CHECK_INT(store.writes, 0);
	CHECK_INT(compare.operation, OP_OTHER);
	CHECK(compare.references);
	CHECK_INT(compare.target, BASE + 7 + 0x10);
}

TEST("a write to a part of a register counts for the whole")
{
	CHECK_INT(one(CODE(0xb0, 0x01)).writes, 1U << REG_AX);		   /* mov al,1 */
	CHECK_INT(one(CODE(0x66, 0xbe, 0x01, 0x00)).writes, 1U << REG_SI); /* mov si,1 */
	CHECK_INT(one(CODE(0x41, 0xff, 0xc0)).writes, 1U << REG_R8);	   /* inc r8d */
}

TEST("implicit writes are listed")
{
	uint32_t multiply = one(CODE(0x48, 0xf7, 0xe1)).writes; /* mul rcx */
	uint32_t exchange = one(CODE(0x48, 0x87, 0xd9)).writes; /* xchg rcx,rbx */

	CHECK(multiply & (1U << REG_AX));
	CHECK(multiply & (1U << REG_DX));
	CHECK(exchange & (1U << REG_BX));
	CHECK(exchange & (1U << REG_CX));
	CHECK(one(CODE(0x5b)).writes & (1U << REG_BX)); /* pop rbx */
	/* lock cmpxchg [rbx],rcx; cqo */
	CHECK_INT(one(CODE(0xf0, 0x48, 0x0f, 0xb1, 0x0b)).writes, 1U << REG_AX);
	CHECK_INT(one(CODE(0x48, 0x99)).writes, 1U << REG_DX);
}

TEST("reading a register is not writing it")
{
	CHECK_INT(one(CODE(0x48, 0x85, 0xc0)).writes, 0);	      /* test rax,rax */
	CHECK_INT(one(CODE(0x48, 0xa9, 1, 0, 0, 0)).writes, 0);	      /* test rax,1 */
	CHECK_INT(one(CODE(0x48, 0x39, 0xd8)).writes, 0);	      /* cmp rax,rbx */
	CHECK_INT(one(CODE(0x48, 0x89, 0x44, 0x24, 0x08)).writes, 0); /* mov [rsp+8],rax */
}

TEST("a register copied or cleared is told")
{
	struct instruction move = one(CODE(0x48, 0x89, 0xc3)); /* mov rbx,rax */
	struct instruction part = one(CODE(0x89, 0xc3));       /* mov ebx,eax */
	struct instruction zero = one(CODE(0x31, 0xdb));       /* xor ebx,ebx */
	struct instruction mixed = one(CODE(0x31, 0xc3));      /* xor ebx,eax */

	CHECK_INT(move.operation, OP_MOVE);
	CHECK_INT(move.destination, REG_BX);
	CHECK_INT(move.source, REG_AX);
	CHECK_INT(part.operation, OP_OTHER);
	CHECK_INT(part.writes, 1U << REG_BX);
	CHECK_INT(zero.operation, OP_ZERO);
	CHECK_INT(zero.destination, REG_BX);
	CHECK_INT(mixed.operation, OP_OTHER);
}

TEST("instructions come in order and the visitor can stop")
{
	struct span code = CODE(0x55, 0x48, 0x89, 0xe5, 0xc3); /* push rbp; mov rbp,rsp; ret */
	struct seen seen;

	CHECK_INT(decode(code, 0, &seen), 0);
	CHECK_INT(seen.count, 3);
	CHECK_INT(seen.instructions[1].address, BASE + 1);
	CHECK_INT(seen.instructions[2].address, BASE + 4);
	CHECK_INT(decode(code, 2, &seen), 0);
	CHECK_INT(seen.count, 2);
}

TEST("bytes that are no instruction end the decoding with an error")
{
	struct seen seen;

	CHECK_INT(decode(CODE(0x90, 0x06), 0, &seen), -EILSEQ); /* nop; push es: not in 64 bits */
	CHECK_INT(seen.count, 1);
	CHECK_INT(decode(CODE(0x48, 0x8d, 0x05), 0, &seen), -EILSEQ); /* cut off */
	CHECK_INT(decode((struct span){ 0 }, 0, &seen), 0);
	CHECK_INT(seen.count, 0);
}
