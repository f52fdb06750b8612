/*
 * The rules for stripped executables against the symbols of the unstripped ones: every Go
 * executable under HEAPTAP_TARGETS. A stripped one has a twin of the same build with symbols
 * (NAME-pie-stripped and NAME-pie, NAME-stripped and NAME-plain), whose symbols are its truth
 * relative to the variables' section: the files differ in length before that.
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
	int stem = (int)(strlen(path) - strlen("-stripped"));
	struct elf_image *image;

	if (!ends_with(path, "-stripped"))
		return open_image(path);
	snprintf(twin, sizeof(twin), "%.*s", stem, path);
	image = open_image(twin);
	if (image)
		return image;
	snprintf(twin, sizeof(twin), "%.*s-plain", stem, path);
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

/* Where a variable is within its section, with the section's number on top. */
static uint64_t place_in(const struct go_module *module, uint64_t address)
{
	const uint64_t sections[] = { module->noptrdata, module->data, module->bss,
				      module->noptrbss };
	uint64_t begin = 0, number = 0;

	for (size_t i = 0; i < 4; i++)
		if (sections[i] <= address && sections[i] > begin) {
			begin = sections[i];
			number = i + 1;
		}
	return address ? number << 56 | (address - begin) : 0;
}

struct comparison {
	const char *path;
	const struct go_binary *binary, *twin;
};

static void compare_one(const struct comparison *files, const char *symbol, uint64_t found)
{
	uint64_t address, bytes, found_place, true_place;

	if (elf_image_symbol(go_binary_image(files->twin), symbol, &address, &bytes) < 0)
		return; /* the linker dropped it */
	if (!has_rules(symbol, go_binary_version(files->binary)->minor))
		address = 0;
	found_place = place_in(go_binary_module(files->binary), found);
	true_place = place_in(go_binary_module(files->twin), address);
	if (found_place != true_place)
		test_fail(__FILE__, __LINE__, "%s: %s is %#llx by the rules, %#llx by symbol",
			  files->path, symbol, (unsigned long long)found,
			  (unsigned long long)address);
	variables += address != 0;
}

static void compare_all(const struct comparison *files, const struct layout *layout)
{
	struct globals globals;
	uint64_t ignored;

	if (elf_image_symbol(go_binary_image(files->twin), "runtime.mheap_", &ignored, &ignored) <
	    0)
		return; /* no symbols there either */
	CHECK_INT(globals_find(files->binary, layout, disassembler, 1, &globals), 0);
#define COMPARE(member, symbol) compare_one(files, symbol, globals.member);
	GLOBALS(COMPARE)
#undef COMPARE
	executables++;
	minors |= 1U << go_binary_version(files->binary)->minor;
}

static int compare(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	CLEANUP(cleanup_image)
	struct elf_image *image = type == FTW_F && status->st_mode & 0100 ? open_image(path) : NULL;
	CLEANUP(cleanup_image) struct elf_image *twin_image = image ? open_twin(path) : NULL;
	CLEANUP(cleanup_binary) struct go_binary *binary = NULL;
	CLEANUP(cleanup_binary) struct go_binary *twin = NULL;
	struct layout layout;

	(void)walk;
	if (!twin_image || go_binary_open(image, &binary) < 0 ||
	    go_binary_open(twin_image, &twin) < 0 || layout_for(binary, &layout) < 0)
		return 0;
	compare_all(&(struct comparison){ path, binary, twin }, &layout);
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
