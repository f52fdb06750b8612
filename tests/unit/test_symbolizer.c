/* Stacks of profiling buckets and of probes, over the small executable of tiny_go.h. */
#include "target/symbolizer.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/test.h"
#include "harness/tiny_go.h"
#include "limits.h"

static struct tiny_go file;
static struct {
	struct elf_image *image;
	struct go_binary *binary;
	struct intern *intern;
	struct symbolizer *symbolizer;
	uint64_t text; /* in the process */
} opened;

static void end(void *unused)
{
	(void)unused;
	symbolizer_free(opened.symbolizer);
	intern_free(opened.intern);
	go_binary_free(opened.binary);
	elf_image_free(opened.image);
	memset(&opened, 0, sizeof(opened));
}

#define AUTO_END CLEANUP(end) __attribute__((unused))

static void make(bool pie)
{
	struct tiny_go_options options = { 23, pie, true, "go1.23.5" };

	tiny_go_make(&file, &options);
}

static void begin_made(uint64_t bias)
{
	CHECK_INT(elf_image_from_bytes(tiny_go_span(&file), "tiny", &opened.image), 0);
	CHECK_INT(go_binary_open(opened.image, &opened.binary), 0);
	CHECK_INT(intern_new(&opened.intern), 0);
	CHECK_INT(symbolizer_new(opened.binary, bias, opened.intern, &opened.symbolizer), 0);
	opened.text = file.base + TINY_TEXT + bias;
}

static void begin(bool pie)
{
	make(pie);
	begin_made(pie ? 0x55d0c0000000 : 0);
}

/* Stacks of text offsets; 0 ends them. */
static const struct stack *stack_of(const uint32_t *offsets, bool physical)
{
	uint64_t pcs[16];
	size_t count = 0;
	const struct stack *stack;

	for (; offsets[count]; count++)
		pcs[count] = opened.text + offsets[count];
	stack = physical ? symbolizer_physical_stack(opened.symbolizer, pcs, count)
			 : symbolizer_bucket_stack(opened.symbolizer, pcs, count);
	CHECK(stack);
	return stack;
}
#define BUCKET(...)   stack_of((const uint32_t[]){ __VA_ARGS__, 0 }, false)
#define PHYSICAL(...) stack_of((const uint32_t[]){ __VA_ARGS__, 0 }, true)

static void check_frame(const struct stack *stack, uint32_t index, const char *function,
			uint32_t line, uint32_t address, bool inlined)
{
	CHECK(index < stack->count);
	CHECK_STRING(stack->frames[index].function, function);
	CHECK_INT(stack->frames[index].line, line);
	CHECK_INT(stack->frames[index].address, opened.text + address);
	CHECK_INT(stack->frames[index].inlined, inlined);
}

static void check_inlined_stack(const struct stack *stack)
{
	CHECK_INT(stack->count, 4);
	check_frame(stack, 0, "main.inner", 100, 0x18, true);
	check_frame(stack, 1, "main.outer", 50, 0x18, true);
	check_frame(stack, 2, "main.main", 12, 0x18, false);
	check_frame(stack, 3, "main.dup", 7, 0x60, false);
	CHECK_STRING(stack->frames[0].file, "inner.go");
	CHECK_INT(stack->frames[0].start_line, 99);
}

/* 0x21 and 0x31 are parentPc + 1 of main.inner and main.outer, as the runtime stores them. */
TEST("a bucket has one pc per logical frame, and its inlined frames share an address")
{
	for (int pie = 0; pie < 2; pie++) {
		int unused AUTO_END = 0;

		begin(pie);
		check_inlined_stack(BUCKET(0x18, 0x21, 0x31, 0x60));
	}
}

TEST("a physical stack is expanded to the same frames")
{
	for (int pie = 0; pie < 2; pie++) {
		int unused AUTO_END = 0;

		begin(pie);
		check_inlined_stack(PHYSICAL(0x18, 0x60));
	}
}

TEST("a bucket that begins or ends inside an inlined group says what it knows")
{
	int unused AUTO_END = 0;
	const struct stack *stack;

	begin(false);
	stack = BUCKET(0x21, 0x31, 0x60); /* the runtime skipped main.inner */
	CHECK_INT(stack->count, 3);
	check_frame(stack, 0, "main.outer", 50, 0x21, true);
	check_frame(stack, 1, "main.main", 12, 0x21, false);
	stack = BUCKET(0x60, 0x18, 0x21); /* the depth limit cut main.main off */
	CHECK_INT(stack->count, 3);
	check_frame(stack, 1, "main.inner", 100, 0x18, true);
	check_frame(stack, 2, "main.outer", 50, 0x18, false);
	stack = BUCKET(0x18, 0x60); /* not what main.inner was inlined into */
	check_frame(stack, 0, "main.inner", 100, 0x18, false);
	check_frame(stack, 1, "main.dup", 7, 0x60, false);
}

TEST("a call of itself is not taken for inlining")
{
	int unused AUTO_END = 0;
	const struct stack *stack;

	begin(false);
	stack = BUCKET(0x60, 0x60, 0x68);
	check_frame(stack, 0, "main.dup", 7, 0x60, false);
	check_frame(stack, 1, "main.dup", 7, 0x60, false);
	check_frame(stack, 2, "main.dup", 7, 0x68, false);
}

TEST("method wrappers are left out of physical stacks, runtime.goexit of all")
{
	int unused AUTO_END = 0;
	const struct stack *stack;

	begin(false);
	stack = PHYSICAL(0x60, 0x98, 0x38, 0xa1);
	CHECK_INT(stack->count, 2);
	check_frame(stack, 0, "main.dup", 7, 0x60, false);
	check_frame(stack, 1, "main.main", 12, 0x38, false);
	stack = BUCKET(0x60, 0x38, 0xa1);
	CHECK_INT(stack->count, 2);
	CHECK_INT(BUCKET(0xa1)->count, 1); /* nothing else is left to show */
}

TEST("an inlined wrapper is left out, and its caller still shares the address")
{
	int unused AUTO_END = 0;
	const struct stack *stack;

	make(false);
	tiny_put(&file, TINY_FUNCDATA, 22, 1); /* main.outer: FuncIDWrapper of 1.23 */
	begin_made(0);
	for (int physical = 0; physical < 2; physical++) {
		stack = physical ? PHYSICAL(0x18, 0x60) : BUCKET(0x18, 0x31, 0x60);
		CHECK_INT(stack->count, 3);
		check_frame(stack, 0, "main.inner", 100, 0x18, true);
		check_frame(stack, 1, "main.main", 12, 0x18, false);
		check_frame(stack, 2, "main.dup", 7, 0x60, false);
	}
}

TEST("a wrapper that panics stays in the stack")
{
	int unused AUTO_END = 0;
	const struct stack *stack;

	make(false);
	memcpy(file.bytes + TINY_PCLNTAB + TINY_NAMES + TINY_NAME_GOEXIT, "runtime.gopanic", 16);
	begin_made(0);
	stack = PHYSICAL(0xa8, 0x98, 0x38);
	CHECK_INT(stack->count, 3);
	check_frame(stack, 0, "runtime.gopanic", 7, 0xa8, false);
	check_frame(stack, 1, "main.(*T).Wrap", 7, 0x98, false);
	check_frame(stack, 2, "main.main", 12, 0x38, false);
}

TEST("a return address behind a function's last instruction belongs to that function")
{
	int unused AUTO_END = 0;

	begin(false);
	CHECK_STRING(PHYSICAL(0x40)->frames[0].function, "main.main");
	CHECK_STRING(PHYSICAL(0x41)->frames[0].function, "main.dup");
}

TEST("a pc outside of Go is shown as its address")
{
	uint64_t pcs[] = { 0x7f12345678, 0 };
	int unused AUTO_END = 0;
	const struct stack *stack;

	begin(false);
	stack = symbolizer_physical_stack(opened.symbolizer, pcs, 2);
	CHECK_INT(stack->count, 2);
	CHECK_STRING(stack->frames[0].function, "0x7f12345678");
	CHECK_STRING(stack->frames[0].file, "");
	CHECK_INT(stack->frames[0].line, 0);
	CHECK_INT(stack->frames[0].address, 0x7f12345678);
	CHECK_STRING(stack->frames[1].function, "0x0");
}

TEST("the same pcs give the same stack, and names are interned")
{
	int unused AUTO_END = 0;
	const struct stack *first, *other;

	begin(false);
	first = BUCKET(0x18, 0x21);
	other = BUCKET(0x18, 0x31);
	CHECK(BUCKET(0x18, 0x21) == first);
	CHECK(other != first);
	CHECK(PHYSICAL(0x18, 0x21) != first);
	CHECK(other->frames[0].function == first->frames[0].function);
	CHECK_INT(symbolizer_bucket_stack(opened.symbolizer, NULL, 0)->count, 0);
}

TEST("an endless stack is cut at the cap")
{
	static uint64_t pcs[2 * LIMIT_STACK_FRAMES];
	int unused AUTO_END = 0;
	const struct stack *stack;

	begin(false);
	for (size_t i = 0; i < 2 * LIMIT_STACK_FRAMES; i++)
		pcs[i] = opened.text + 0x18;
	stack = symbolizer_physical_stack(opened.symbolizer, pcs, 2 * LIMIT_STACK_FRAMES);
	CHECK_INT(stack->count, LIMIT_STACK_FRAMES);
	stack = symbolizer_bucket_stack(opened.symbolizer, pcs, 2 * LIMIT_STACK_FRAMES);
	CHECK_INT(stack->count, LIMIT_STACK_FRAMES);
}
