/*
 * The layout table against DWARF, the compiler's own word, in every unstripped Go executable under
 * the folder HEAPTAP_TARGETS (tests/targets builds them).
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/test.h"
#include "target/layout.h"

DEFINE_CLEANUP(cleanup_image, struct elf_image, elf_image_free)
DEFINE_CLEANUP(cleanup_binary, struct go_binary, go_binary_free)

static void quiet(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

static void check_equal(const char *path, const struct layout *table, const struct layout *dwarf)
{
#define CHECK_MEMBER(member, structure, field)                                                     \
	if (table->member != dwarf->member)                                                        \
		test_fail(__FILE__, __LINE__, "%s: " #member " is %d in the table, %d in DWARF",   \
			  path, table->member, dwarf->member);
	LAYOUT_FIELDS(CHECK_MEMBER)
	CHECK_MEMBER(special_kind_profile, , )
#undef CHECK_MEMBER
}

static int compared;
static unsigned int minors; /* bit per minor version seen */

static int compare(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	AUTO_CLOSE int fd = type == FTW_F && status->st_mode & 0100 ? open(path, O_RDONLY) : -1;
	CLEANUP(cleanup_image) struct elf_image *image = NULL;
	CLEANUP(cleanup_binary) struct go_binary *binary = NULL;
	struct layout table, dwarf;

	(void)walk;
	if (fd < 0 || elf_image_open(fd, path, &image) < 0 || go_binary_open(image, &binary) < 0)
		return 0; /* a script, a C program: not what is tested here */
	if (layout_from_dwarf(image, &dwarf) < 0 ||
	    layout_from_table(go_binary_version(binary), &table) < 0)
		return 0;
	check_equal(path, &table, &dwarf);
	compared++;
	minors |= 1U << go_binary_version(binary)->minor;
	return 0;
}

TEST("every row of the layout table says what DWARF says")
{
	const char *folder = getenv("HEAPTAP_TARGETS");

	if (!folder)
		test_skip("HEAPTAP_TARGETS names no folder of Go executables");
	compared = 0;
	diag_set_sink(quiet, NULL);
	nftw(folder, compare, 16, FTW_PHYS);
	diag_set_sink(NULL, NULL);
	if (compared == 0)
		test_skip("no unstripped Go executable in %s", folder);
	printf("# %d executables of %d minor versions compared\n", compared,
	       __builtin_popcount(minors));
}

TEST("versions that the table does not know are refused")
{
	static const struct {
		int major, minor;
	} unknown[] = { { 1, 18 }, { 1, 20 }, { 1, 28 }, { 2, 21 }, { 1, -1 }, { 0, 0 } };
	struct layout layout;

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		struct go_version version = { .major = unknown[i].major,
					      .minor = unknown[i].minor };

		CHECK_INT(layout_from_table(&version, &layout), -ENOTSUP);
	}
}

TEST("the rows that are in the table are complete")
{
	static const int minor[] = { 19, 21, 22, 23, 24, 25, 26, 27 };
	struct layout layout;

	for (size_t i = 0; i < sizeof(minor) / sizeof(minor[0]); i++) {
		struct go_version version = { .major = 1, .minor = minor[i] };

		CHECK_INT(layout_from_table(&version, &layout), 0);
		/* by definition of these Go structures: mcache.nextSample, gcPercent come first */
		CHECK_INT(layout.mcache_next_sample, 0);
		CHECK_INT(layout.gc_percent, 0);
		CHECK_INT(layout.heap_arena_spans != 0, minor[i] < 22);
		CHECK_INT(layout.debug_profstackdepth != LAYOUT_ABSENT, minor[i] >= 23);
#define CHECK_SET(member, structure, field)                                                        \
	if (strcmp(#member, "mcache_next_sample") && strcmp(#member, "gc_percent") &&              \
	    strcmp(#member, "heap_arena_spans"))                                                   \
		CHECK(layout.member != 0);
		LAYOUT_FIELDS(CHECK_SET)
#undef CHECK_SET
	}
}
