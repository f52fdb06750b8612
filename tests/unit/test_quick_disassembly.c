/* What is decoded without capstone is decoded as by it: in whole executables of every Go version,
 * and of bytes that no compiler writes. */
#include "harness/test.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "target/go_binary.h"
#include "target/quick_disassembly.h"

#define MADE_UP	     300000
#define LONGEST	     15
#define MADE_ADDRESS 0x401000ULL

DEFINE_CLEANUP(cleanup_disassembler, struct disassembler, disassembler_free)
DEFINE_CLEANUP(cleanup_binary, struct go_binary, go_binary_free)
DEFINE_CLEANUP(cleanup_image, struct elf_image, elf_image_free)

struct comparison {
	const char *where;
	struct span text;
	uint64_t address;
	size_t instructions, common;
};

static bool is_same(const struct instruction *a, const struct instruction *b)
{
	return a->address == b->address && a->length == b->length && a->operation == b->operation &&
	       a->destination == b->destination && a->source == b->source &&
	       a->writes == b->writes && a->target == b->target && a->references == b->references;
}

static void describe(const struct instruction *at, char text[160])
{
	snprintf(text, 160, "length %d operation %d to %d from %d writes %x target %llx%s",
		 at->length, (int)at->operation, (int)at->destination, (int)at->source, at->writes,
		 (unsigned long long)at->target, at->references ? " references" : "");
}

static void fail(const struct comparison *comparison, const struct instruction *truth,
		 const struct instruction *common)
{
	uint64_t offset = truth->address - comparison->address;
	char bytes[64] = "", one[160], other[160];

	for (uint64_t i = 0; i < LONGEST && offset + i < comparison->text.length; i++)
		snprintf(bytes + 3 * i, 4, "%02x ", comparison->text.data[offset + i]);
	describe(truth, one);
	describe(common, other);
	test_fail(__FILE__, __LINE__, "%s: %sat 0x%llx is\n  %s, not\n  %s", comparison->where,
		  bytes, (unsigned long long)truth->address, one, other);
}

static bool compare(void *context, const struct instruction *truth)
{
	struct comparison *comparison = context;
	struct span rest = span_from(comparison->text, truth->address - comparison->address);
	struct instruction common;

	comparison->instructions++;
	if (!instruction_decode_common(rest, truth->address, &common))
		return true;
	comparison->common++;
	if (!is_same(truth, &common))
		fail(comparison, truth, &common);
	return true;
}

static void compare_executable(const char *path, struct comparison *comparison)
{
	CLEANUP(cleanup_disassembler) struct disassembler *disassembler = NULL;
	CLEANUP(cleanup_image) struct elf_image *image = NULL;
	CLEANUP(cleanup_binary) struct go_binary *binary = NULL;
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (elf_image_open(fd, path, &image) < 0 || go_binary_open(image, &binary) < 0 ||
	    disassembler_new(&disassembler) < 0)
		test_fail(__FILE__, __LINE__, "cannot open %s", path);
	comparison->where = path;
	for (size_t i = 0; i < go_binary_function_count(binary); i++) {
		struct go_function function;

		if (go_binary_function(binary, i, &function) < 0)
			continue;
		comparison->text = go_binary_text(binary, &function);
		comparison->address = function.entry;
		disassemble(disassembler, comparison->text, function.entry, compare, comparison);
	}
}

TEST("quick disassembly: nearly every instruction of a Go program is decoded without capstone, and "
     "as by it")
{
	const char *folder = getenv("HEAPTAP_TARGETS") ?: "build/targets";
	struct comparison comparison = { 0 };
	char pattern[4096];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/go1.*/announce-cgo", folder);
	if (glob(pattern, 0, NULL, &found) != 0)
		test_skip("no Go executables in %s (tests/targets/build.sh makes them)", folder);
	for (size_t i = 0; i < found.gl_pathc; i++)
		compare_executable(found.gl_pathv[i], &comparison);
	globfree(&found);
	printf("# %zu of %zu instructions\n", comparison.common, comparison.instructions);
	CHECK(comparison.instructions > 100000);
	CHECK(comparison.common > comparison.instructions / 10 * 9);
}

/* Any bytes, with a REX prefix and 0f about as often as the compiler has them. */
static void make_up(uint8_t bytes[LONGEST], uint64_t *state)
{
	uint64_t choice;

	for (int i = 0; i < LONGEST; i++) {
		*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
		bytes[i] = (uint8_t)(*state >> 56);
	}
	choice = *state >> 40;
	if (choice & 1)
		bytes[0] = (uint8_t)(0x40 | (choice >> 4 & 15));
	if (choice & 2)
		bytes[choice & 1] = 0x0f;
}

static bool keep(void *context, const struct instruction *instruction)
{
	*(struct instruction *)context = *instruction;
	return false;
}

TEST("quick disassembly: of bytes that no compiler writes too, and whole instructions only")
{
	CLEANUP(cleanup_disassembler) struct disassembler *disassembler = NULL;
	struct comparison comparison = { .where = "made up", .address = MADE_ADDRESS };
	uint64_t state = 1;

	if (disassembler_new(&disassembler) < 0)
		test_fail(__FILE__, __LINE__, "no disassembler");
	for (int i = 0; i < MADE_UP; i++) {
		uint8_t bytes[LONGEST];
		struct instruction common, truth = { .address = MADE_ADDRESS };

		make_up(bytes, &state);
		comparison.text = (struct span){ bytes, sizeof(bytes) };
		if (!instruction_decode_common(comparison.text, MADE_ADDRESS, &common))
			continue;
		comparison.common++;
		disassemble(disassembler, comparison.text, MADE_ADDRESS, keep, &truth);
		if (!is_same(&truth, &common))
			fail(&comparison, &truth, &common);
		for (size_t cut = 0; cut < common.length; cut++)
			CHECK(!instruction_decode_common((struct span){ bytes, cut }, MADE_ADDRESS,
							 &common));
	}
	CHECK(comparison.common > MADE_UP / 10);
}
