/*
 * The rules for stripped executables against the symbols of the unstripped ones: every Go
 * executable under HEAPTAP_TARGETS. A stripped one has a twin of the same build with symbols
 * (NAME-stripped and NAME-plain, NAME-pie-stripped and NAME-pie), whose symbols are its truth:
 * stripping moves no variable.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/test.h"
#include "target/disassembly.h"
#include "target/globals.h"

DEFINE_CLEANUP(cleanup_image, struct elf_image, elf_image_free)
DEFINE_CLEANUP(cleanup_binary, struct go_binary, go_binary_free)

static void quiet(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

static struct elf_image *open_image(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY);
	struct elf_image *image = NULL;

	return fd >= 0 && !elf_image_open(fd, path, &image) ? image : NULL;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && !strcmp(text + length - tail, end);
}

/* The file whose symbols are those of `path`. */
static struct elf_image *open_twin(const char *path)
{
	char twin[4096];
	size_t stem = strlen(path);

	if (ends_with(path, "-pie-stripped"))
		snprintf(twin, sizeof(twin), "%.*s", (int)(stem - strlen("-stripped")), path);
	else if (ends_with(path, "-stripped"))
		snprintf(twin, sizeof(twin), "%.*splain", (int)(stem - strlen("stripped")), path);
	else
		snprintf(twin, sizeof(twin), "%s", path);
	return open_image(twin);
}

static struct disassembler *disassembler;
static int executables, variables;
static unsigned int minors;

/* runtime.debug is asked for its profstackdepth only, which came in 1.23: before, no rules. */
static bool has_rules(const char *symbol, int minor)
{
	return strcmp(symbol, "runtime.debug") || minor >= 23;
}

static void compare_one(const char *path, int minor, const struct elf_image *twin,
			const char *symbol, uint64_t found)
{
	uint64_t address, bytes;

	if (elf_image_symbol(twin, symbol, &address, &bytes) < 0)
		return; /* the linker dropped it */
	if (!has_rules(symbol, minor))
		address = 0;
	if (found != address)
		test_fail(__FILE__, __LINE__, "%s: %s is %#llx by the rules, %#llx by symbol", path,
			  symbol, (unsigned long long)found, (unsigned long long)address);
	variables += address != 0;
}

static void compare_all(const char *path, const struct go_binary *binary,
			const struct layout *layout, const struct elf_image *twin)
{
	struct globals globals;
	uint64_t ignored;

	if (elf_image_symbol(twin, "runtime.mheap_", &ignored, &ignored) < 0)
		return; /* no symbols there either */
	CHECK_INT(globals_find(binary, layout, disassembler, 1, &globals), 0);
#define COMPARE(member, symbol)                                                                    \
	compare_one(path, go_binary_version(binary)->minor, twin, symbol, globals.member);
	GLOBALS(COMPARE)
#undef COMPARE
	executables++;
	minors |= 1U << go_binary_version(binary)->minor;
}

static int compare(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	CLEANUP(cleanup_image)
	struct elf_image *image = type == FTW_F && status->st_mode & 0100 ? open_image(path) : NULL;
	CLEANUP(cleanup_image) struct elf_image *twin = image ? open_twin(path) : NULL;
	CLEANUP(cleanup_binary) struct go_binary *binary = NULL;
	struct layout layout;

	(void)walk;
	if (!twin || go_binary_open(image, &binary) < 0 || layout_for(binary, &layout) < 0)
		return 0;
	compare_all(path, binary, &layout, twin);
	return 0;
}

TEST("the runtime's variables are found without symbols where the symbols say they are")
{
	const char *folder = getenv("HEAPTAP_TARGETS") ?: "build/targets";

	executables = variables = 0;
	minors = 0;
	CHECK_INT(disassembler_new(&disassembler), 0);
	diag_set_sink(quiet, NULL);
	nftw(folder, compare, 16, FTW_PHYS);
	diag_set_sink(NULL, NULL);
	disassembler_free(disassembler);
	if (executables == 0)
		test_skip("no Go executable with symbols in %s", folder);
	printf("# %d variables in %d executables of %d minor versions\n", variables, executables,
	       __builtin_popcount(minors));
}
