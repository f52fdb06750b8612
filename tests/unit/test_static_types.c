/*
 * The types found in real executables, every one under HEAPTAP_TARGETS that has DWARF, against
 * DWARF's own list: each type that it describes says where its descriptor is, from the beginning of
 * the types (DW_AT_go_runtime_type). Without DWARF there is nothing to compare with.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/test.h"
#include "target/go_binary.h"
#include "target/image_memory.h"
#include "target/static_types.h"

#define DW_AT_GO_KIND	      0x2900
#define DW_AT_GO_RUNTIME_TYPE 0x2904 /* cmd/internal/dwarf/dwarf.go */

static int files, cases;

static void check_die(const char *path, Dwarf_Die *die, const struct static_types *types,
		      uint64_t begin)
{
	Dwarf_Attribute attribute, kind;
	Dwarf_Word go_kind = 0;
	Dwarf_Addr offset = 0, address;
	const struct static_type *type;

	/* a form for addresses in some versions, for numbers in others; 0 where there is none */
	if (!dwarf_attr(die, DW_AT_GO_RUNTIME_TYPE, &attribute) ||
	    (dwarf_formaddr(&attribute, &offset) != 0 &&
	     dwarf_formudata(&attribute, &offset) != 0) ||
	    !offset)
		return;
	address = offset < begin ? begin + offset : offset;
	type = static_types_find(types, address);
	if (!type)
		test_fail(__FILE__, __LINE__, "%s: the type %s at 0x%llx was not found", path,
			  dwarf_diename(die), (unsigned long long)address);
	if (dwarf_attr(die, DW_AT_GO_KIND, &kind) && dwarf_formudata(&kind, &go_kind) == 0 &&
	    go_kind) /* 0: DWARF does not say */
		CHECK_INT(type->header.kind, go_kind & 0x1f);
	cases++;
}

static void check_dwarf(const char *path, const struct static_types *types, uint64_t begin)
{
	int fd AUTO_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
	Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);
	Dwarf_CU *unit = NULL;
	Dwarf_Die die, child;
	uint8_t type;

	while (dwarf && dwarf_get_units(dwarf, unit, &unit, NULL, &type, &die, NULL) == 0) {
		if (dwarf_child(&die, &child) != 0)
			continue;
		do
			check_die(path, &child, types, begin);
		while (dwarf_siblingof(&child, &child) == 0);
	}
	dwarf_end(dwarf);
}

static void check_binary(const char *path, const struct go_binary *binary)
{
	struct image_memory *memory = NULL;
	struct static_types types;

	CHECK_INT(image_memory_new(go_binary_image(binary), &memory), 0);
	if (static_types_read(binary, image_memory_reader(memory), &types) < 0)
		test_fail(__FILE__, __LINE__, "%s: its types were not found", path);
	CHECK(types.types.count > 100 && types.itabs.count > 3);
	check_dwarf(path, &types, go_binary_module(binary)->types);
	static_types_clear(&types);
	image_memory_free(memory);
	files++;
}

static void quiet(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

static int visit(const char *path, const struct stat *status, int type, struct FTW *unused)
{
	int fd AUTO_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
	struct elf_image *image = NULL;
	struct go_binary *binary = NULL;

	(void)unused;
	if (type != FTW_F || !(status->st_mode & 0111) || elf_image_open(fd, path, &image) < 0)
		return 0;
	if (go_binary_open(image, &binary) == 0)
		check_binary(path, binary);
	go_binary_free(binary);
	elf_image_free(image);
	return 0;
}

TEST("every type that DWARF knows of is found in real executables, with its kind")
{
	const char *folder = getenv("HEAPTAP_TARGETS");

	files = cases = 0;
	diag_set_sink(quiet, NULL);
	nftw(folder ? folder : "build/targets", visit, 16, FTW_PHYS);
	diag_set_sink(NULL, NULL);
	if (!cases)
		test_skip("no Go executables with DWARF (tests/targets/build.sh makes them)");
	printf("# %d types of DWARF in %d executables\n", cases, files);
}
