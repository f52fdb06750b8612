/*
 * Which layout is used, and whether it is believed.
 *
 * The table is compared with DWARF by a test for every version in it, so for a release they are the
 * same; DWARF is for what the table cannot know: other versions, patched or experimental
 * toolchains. The price of DWARF is inflating .debug_info, about 12 ms per MiB in the file (libdw
 * then needs 3-8 ms; 2 cores, 2025-11): 4 ms for a small program, 0.2 s for a very large server.
 * So the DWARF of a plain release is read only where that is cheap.
 */
#include "target/layout.h"

#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "target/counters.h"

#define CHEAP_DWARF_BYTES (4U << 20) /* of .debug_info in the file: 50 ms */

/* "go1.23" or "go1.23.4": built by the Go project's toolchain without experiments. */
static bool is_plain_release(const struct go_version *version)
{
	return strncmp(version->text, "go", 2) == 0 &&
	       version->text[2 + strspn(version->text + 2, "0123456789.")] == '\0';
}

static bool dwarf_is_cheap(const struct elf_image *image)
{
	return elf_image_section(image, ".debug_info", NULL).length +
		       elf_image_section(image, ".zdebug_info", NULL).length <=
	       CHEAP_DWARF_BYTES;
}

/* The relations that hold in every version known: a wrong layout must not pass for one. */
static bool is_consistent(const struct layout *layout)
{
	int32_t counts = SIZE_CLASSES * 8;

	return layout->mem_record_bytes == 4 * layout->mem_record_cycle_bytes &&
	       layout->mem_record_future == layout->mem_record_cycle_bytes &&
	       (layout->mem_record_cycle_bytes == 32 || layout->mem_record_cycle_bytes == 16) &&
	       layout->special_profile_bucket == layout->special_bytes &&
	       layout->special_kind < layout->special_bytes &&
	       layout->delta_large_free == layout->delta_small_alloc_count + counts &&
	       layout->heap_stats_delta_bytes == layout->delta_small_free_count + counts &&
	       layout->heap_arena_page_in_use == layout->heap_arena_spans + 8192 * 8 &&
	       layout->memstats_pause_end == layout->memstats_pause_ns + 256 * 8 &&
	       layout->memstats_numgc == layout->memstats_pause_end + 256 * 8;
}

static int choose(const struct go_binary *binary, struct layout *ret)
{
	const struct go_version *version = go_binary_version(binary);
	bool release = is_plain_release(version);

	if (release && !dwarf_is_cheap(go_binary_image(binary)) &&
	    layout_from_table(version, ret) == 0)
		return 0;
	if (layout_from_dwarf(go_binary_image(binary), ret) == 0)
		return 0;
	if (!release)
		diag_note("'%s' is %s, not a plain release, and has no DWARF: taken for what the "
			  "version says",
			  elf_image_label(go_binary_image(binary)), version->text);
	return layout_from_table(version, ret);
}

int layout_for(const struct go_binary *binary, struct layout *ret)
{
	const char *label = elf_image_label(go_binary_image(binary));
	const char *version = go_binary_version(binary)->text;
	struct layout layout;

	if (choose(binary, &layout) < 0)
		return diag_fail(-ENOTSUP,
				 "'%s' was built by %s, whose runtime heaptap does not know, and "
				 "carries no DWARF to learn it from",
				 label, version);
	if (!is_consistent(&layout))
		return diag_fail(-ENOTSUP,
				 "'%s' (%s): the runtime's layout from %s is not as expected",
				 label, version, layout.source);
	layout.goal_headroom_percent = go_binary_version(binary)->minor < 21 ? 0 : 3;
	*ret = layout;
	return 0;
}
