/* The functions themselves, in assembly (amd64), and where they are in the program's file. */
#include "go_like.h"

#include <stdio.h>

#include "harness/test.h"
#include "probe/own_code.h"

/*
 * C enters at NAME(struct call *). Like Go's, the called function begins with a comparison and
 * `jbe`; R11 = 1 stands for the stack's limit and the retries left for the stack pointer.
 */
#define GO_LIKE(name)                                                                              \
	__asm__(".text\n.p2align 4\n.globl " name ", " name "_branch, " name "_push, " name        \
		"_return\n" name ":\n"                                                             \
		"	push %rbx\n	push %rbp\n"                                                         \
		"	mov (%rdi), %rax\n	mov 8(%rdi), %rbx\n"                                          \
		"	mov 16(%rdi), %rdx\n	mov 24(%rdi), %rbp\n	mov 32(%rdi), %r8\n"                   \
		"	mov 40(%rdi), %rcx\n	mov 48(%rdi), %rdi\n"                                       \
		"	mov $1, %r11\n"                                                                  \
		"	call 1f\n" name "_return:\n"                                               \
		"	pop %rbp\n	pop %rbx\n	ret\n"                                                     \
		"1:	mov %rsp, %r10\n	test %r8, %r8\n	cmovnz %r8, %rsp\n"                           \
		"	cmp %rdx, %r11\n" name "_branch:\n"                                        \
		"	jbe 2f\n"                                                                        \
		"	mov %r10, %rsp\n" name "_push:\n"                                          \
		"	push %rbp\n	mov %rsp, %rbp\n	pop %rbp\n	ret\n"                                   \
		"2:	mov %r10, %rsp\n	dec %rdx\n	jmp 1b\n");

GO_LIKE("like_birth")
GO_LIKE("like_death")
GO_LIKE("like_alloc")
GO_LIKE("like_sized")
GO_LIKE("like_cycle_start")
GO_LIKE("like_mark_end")
GO_LIKE("like_transition")
GO_LIKE("like_world_stop")
GO_LIKE("like_world_start")

#define DECLARE(name)                                                                              \
	void name(const struct call *call);                                                        \
	extern const uint8_t name##_branch[], name##_push[], name##_return[];
DECLARE(like_birth)
DECLARE(like_death)
DECLARE(like_alloc)
DECLARE(like_sized)
DECLARE(like_cycle_start)
DECLARE(like_mark_end)
DECLARE(like_transition)
DECLARE(like_world_stop)
DECLARE(like_world_start)

static const struct {
	enum probe_role role;
	void (*call)(const struct call *call);
	const uint8_t *branch, *push, *ret;
} functions[] = {
#define ROW(role, name)                                                                            \
	{                                                                                          \
		role, name, name##_branch, name##_push, name##_return                              \
	}
	[LIKE_BIRTH] = ROW(PROBE_SAMPLE_BIRTH, like_birth),
	[LIKE_DEATH] = ROW(PROBE_SAMPLE_DEATH, like_death),
	[LIKE_ALLOC] = ROW(PROBE_ALLOC, like_alloc),
	[LIKE_SIZED] = ROW(PROBE_ALLOC_SIZED, like_sized),
	[LIKE_CYCLE_START] = ROW(PROBE_GC_CYCLE_START, like_cycle_start),
	[LIKE_MARK_END] = ROW(PROBE_GC_MARK_END, like_mark_end),
	[LIKE_TRANSITION] = ROW(PROBE_GC_TRANSITION, like_transition),
	[LIKE_WORLD_STOP] = ROW(PROBE_WORLD_STOP, like_world_stop),
	[LIKE_WORLD_START] = ROW(PROBE_WORLD_START, like_world_start),
};

void like_call(enum go_like function, const struct call *call)
{
	functions[function].call(call);
}

uint64_t like_return_address(enum go_like function)
{
	return (uint64_t)functions[function].ret;
}

const volatile uint8_t *like_site(enum go_like function, enum probe_instruction instruction)
{
	return instruction == PROBE_AT_PUSH ? functions[function].push : functions[function].branch;
}

void like_add_point(struct probe_plan *plan, enum go_like function,
		    enum probe_instruction instruction)
{
	struct probe_point *point = &plan->points[plan->count++];

	point->role = functions[function].role;
	point->instruction = instruction;
	point->address = (uint64_t)like_site(function, instruction);
	CHECK_INT(own_code_offset(point->address, &point->file_offset), 0);
	snprintf(point->function, sizeof(point->function), "like %d", (int)function);
}
