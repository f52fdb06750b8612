/*
 * The runtime's layout from the executable's DWARF. The only user of libdw.
 *
 * The linker puts every type of a Go program into one of the compile units called "runtime", and
 * the runtime's variables and constants into others of that name; so the units of other packages
 * are passed over without looking inside, and the search ends with the last name found.
 *
 * libdw inflates all debug sections when it opens a file, of which .debug_info is about a third. So
 * it is given a small ELF file made in memory, with .debug_info and .debug_abbrev as they are in
 * the executable and nothing else (cmd/compile of Go 1.23, 25 MB: 35 ms instead of 95).
 */
#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/layout.h"

#define UNSET		      INT32_MIN
#define KIND_SPECIAL_CONSTANT "runtime._KindSpecialProfile"
#define MAX_ENTRIES	      (8U << 20) /* looked at: a damaged file may have them in a circle */

static const struct row {
	const char *structure, *field;
	size_t member; /* in struct layout */
} rows[] = {
#define LAYOUT_ROW(member, structure, field) { structure, field, offsetof(struct layout, member) },
	LAYOUT_FIELDS(LAYOUT_ROW)
#undef LAYOUT_ROW
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static int32_t *member_of(struct layout *layout, const struct row *row)
{
	return (int32_t *)((char *)layout + row->member);
}

/* ---- a file with two sections ---- */

enum { SECTION_NULL, SECTION_ABBREV, SECTION_INFO, SECTION_NAMES, SECTION_COUNT };

struct piece {
	const char *name;
	struct span bytes;
};

/* Found in either of the two ways in which the toolchains name compressed sections. */
static struct piece debug_section(const struct elf_image *image, const char *plain,
				  const char *compressed)
{
	struct piece piece = { plain, elf_image_section(image, plain, NULL) };

	if (piece.bytes.length == 0)
		piece = (struct piece){ compressed, elf_image_section(image, compressed, NULL) };
	return piece;
}

/*
 * Whether the bytes begin with an Elf64_Chdr (gABI, SHF_COMPRESSED), that is with the 32-bit number
 * 1 or 2 and a zero. .debug_info that is not compressed begins with the length of a unit, which is
 * never that small, and .debug_abbrev with a code and a tag, whose byte is never 0.
 */
static bool is_compressed(struct span bytes)
{
	uint32_t type, reserved;

	return span_u32(bytes, 0, &type) == 0 && span_u32(bytes, 4, &reserved) == 0 &&
	       (type == ELFCOMPRESS_ZLIB || type == 2 /* zstd */) && reserved == 0;
}

static size_t aligned(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static void header_fill(Elf64_Ehdr *header)
{
	memcpy(header->e_ident, ELFMAG, SELFMAG);
	header->e_ident[EI_CLASS] = ELFCLASS64;
	header->e_ident[EI_DATA] = ELFDATA2LSB;
	header->e_ident[EI_VERSION] = EV_CURRENT;
	header->e_type = ET_EXEC;
	header->e_machine = EM_X86_64;
	header->e_version = EV_CURRENT;
	header->e_ehsize = sizeof(*header);
	header->e_shoff = sizeof(*header);
	header->e_shentsize = sizeof(Elf64_Shdr);
	header->e_shnum = SECTION_COUNT;
	header->e_shstrndx = SECTION_NAMES;
}

/* A malloc'd ELF file of `pieces` (indexed by section; the names' one is filled here), or NULL. */
static char *file_of(struct piece pieces[SECTION_COUNT], size_t *ret_size)
{
	char names[128] = "";
	size_t at = sizeof(Elf64_Ehdr) + SECTION_COUNT * sizeof(Elf64_Shdr), used = 1;
	size_t size = at + aligned(sizeof(names)) + aligned(pieces[SECTION_ABBREV].bytes.length) +
		      aligned(pieces[SECTION_INFO].bytes.length);
	char *file = calloc(1, size);
	Elf64_Shdr *sections;

	if (!file)
		return NULL;
	header_fill((Elf64_Ehdr *)file);
	sections = (Elf64_Shdr *)(file + sizeof(Elf64_Ehdr));
	pieces[SECTION_NAMES] =
		(struct piece){ ".shstrtab", { (const uint8_t *)names, sizeof(names) } };
	for (int i = SECTION_ABBREV; i < SECTION_COUNT; i++) {
		sections[i].sh_name = (Elf64_Word)used;
		sections[i].sh_type = i == SECTION_NAMES ? SHT_STRTAB : SHT_PROGBITS;
		sections[i].sh_flags = is_compressed(pieces[i].bytes) ? SHF_COMPRESSED : 0;
		sections[i].sh_offset = at;
		sections[i].sh_size = pieces[i].bytes.length;
		sections[i].sh_addralign = 8;
		strcpy(names + used, pieces[i].name);
		used += strlen(pieces[i].name) + 1;
		memcpy(file + at, pieces[i].bytes.data, pieces[i].bytes.length);
		at += aligned(pieces[i].bytes.length);
	}
	*ret_size = size;
	return file;
}

/* ---- the search ---- */

static int attribute_number(Dwarf_Die *die, unsigned int name, int32_t *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (!dwarf_attr(die, name, &attribute) || dwarf_formudata(&attribute, &value) != 0 ||
	    value > INT32_MAX)
		return -ENOENT;
	*ret = (int32_t)value;
	return 0;
}

struct search {
	struct layout layout;
	uint32_t entries; /* looked at */
};

/* The next entry on the same level, into *die. */
static bool next_entry(struct search *search, Dwarf_Die *die)
{
	return ++search->entries < MAX_ENTRIES && dwarf_siblingof(die, die) == 0;
}

/* What a variable, a member or an array is made of; names of types are seen through. */
static int type_of(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute attribute;

	if (!dwarf_attr(die, DW_AT_type, &attribute) || !dwarf_formref_die(&attribute, ret))
		return -ENOENT;
	return dwarf_peel_type(ret, ret) == 0 ? 0 : -ENOENT;
}

/* The member whose name is the first `length` characters of `name`. */
static int find_member(struct search *search, Dwarf_Die *structure, const char *name, size_t length,
		       Dwarf_Die *ret)
{
	if (dwarf_child(structure, ret) != 0)
		return -ENOENT;
	do {
		const char *own = dwarf_diename(ret);

		if (dwarf_tag(ret) == DW_TAG_member && own && strlen(own) == length &&
		    strncmp(own, name, length) == 0)
			return 0;
	} while (next_entry(search, ret));
	return -ENOENT;
}

static int32_t element_bytes(Dwarf_Die *array)
{
	int32_t bytes = LAYOUT_ABSENT;
	Dwarf_Die type;

	if (type_of(array, &type) == 0 && type_of(&type, &type) == 0)
		attribute_number(&type, DW_AT_byte_size, &bytes);
	return bytes;
}

/* What the path leads to, its offset or size; it ends at a '|' or with the string. */
static int32_t follow_path(struct search *search, Dwarf_Die *structure, const char *path)
{
	Dwarf_Die inside = *structure, member;
	int32_t offset = 0, sum = 0;

	for (;;) {
		size_t length = strcspn(path, ".[|");

		if (find_member(search, &inside, path, length, &member) < 0 ||
		    attribute_number(&member, DW_AT_data_member_location, &offset) < 0)
			return LAYOUT_ABSENT;
		sum += offset;
		if (path[length] == '[')
			return element_bytes(&member);
		if (path[length] != '.')
			return sum;
		if (type_of(&member, &inside) < 0)
			return LAYOUT_ABSENT;
		path += length + 1;
	}
}

static int32_t field_offset(struct search *search, Dwarf_Die *structure, const char *paths)
{
	int32_t found = follow_path(search, structure, paths);
	const char *other = strchr(paths, '|');

	return found == LAYOUT_ABSENT && other ? follow_path(search, structure, other + 1) : found;
}

static void take_structure(struct search *search, const char *name, Dwarf_Die *structure)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		int32_t *member = member_of(&search->layout, &rows[i]);

		if (*member != UNSET || strcmp(rows[i].structure, name) != 0)
			continue;
		*member = LAYOUT_ABSENT;
		if (rows[i].field[0])
			*member = field_offset(search, structure, rows[i].field);
		else
			attribute_number(structure, DW_AT_byte_size, member);
	}
}

/* A variable whose type is a structure without a name, as runtime.debug. */
static void take_variable(struct search *search, const char *name, Dwarf_Die *variable)
{
	Dwarf_Die type;
	bool wanted = false;

	for (size_t i = 0; i < ROW_COUNT; i++)
		wanted |= strcmp(rows[i].structure, name) == 0;
	if (wanted && type_of(variable, &type) == 0 && dwarf_tag(&type) == DW_TAG_structure_type)
		take_structure(search, name, &type);
}

static void take(struct search *search, Dwarf_Die *die)
{
	int tag = dwarf_tag(die);
	const char *name;

	if (tag != DW_TAG_structure_type && tag != DW_TAG_variable && tag != DW_TAG_constant)
		return;
	name = dwarf_diename(die);
	if (!name || strncmp(name, "runtime.", strlen("runtime.")) != 0)
		return;
	if (tag == DW_TAG_structure_type)
		take_structure(search, name, die);
	else if (tag == DW_TAG_variable)
		take_variable(search, name, die);
	else if (strcmp(name, KIND_SPECIAL_CONSTANT) == 0)
		attribute_number(die, DW_AT_const_value, &search->layout.special_kind_profile);
}

static bool is_complete(struct layout *layout)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (*member_of(layout, &rows[i]) == UNSET)
			return false;
	}
	return layout->special_kind_profile != UNSET;
}

static void take_unit(struct search *search, Dwarf_Die *unit)
{
	const char *name = dwarf_diename(unit);
	Dwarf_Die die;

	if (!name || strcmp(name, "runtime") != 0 || dwarf_child(unit, &die) != 0)
		return;
	do {
		take(search, &die);
	} while (next_entry(search, &die));
}

static void take_units(struct search *search, Dwarf *dwarf)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;

	while (!is_complete(&search->layout) &&
	       dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0)
		take_unit(search, &die);
}

/* Only what not every version has may be missing. */
static bool may_be_absent(const struct row *row)
{
	static const size_t members[] = {
		offsetof(struct layout, debug_profstackdepth),
		offsetof(struct layout, delta_in_ptr_scalar_bits),
		offsetof(struct layout, work_cpu_stats),
		offsetof(struct layout, sched_gfree_no_stack),
	};
	bool found = false;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		found |= row->member == members[i];
	return found;
}

static bool is_usable(struct layout *layout)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (*member_of(layout, &rows[i]) == LAYOUT_ABSENT && !may_be_absent(&rows[i]))
			return false;
	}
	return is_complete(layout);
}

static void cleanup_elf(Elf **elf)
{
	elf_end(*elf);
}

static void cleanup_dwarf(Dwarf **dwarf)
{
	dwarf_end(*dwarf);
}

static int search_file(char *file, size_t size, struct search *search)
{
	elf_version(EV_CURRENT);
	CLEANUP(cleanup_elf) Elf *elf = elf_memory(file, size);
	CLEANUP(cleanup_dwarf) Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	if (!dwarf)
		return -ENOENT;
	for (size_t i = 0; i < ROW_COUNT; i++)
		*member_of(&search->layout, &rows[i]) = UNSET;
	search->layout.special_kind_profile = UNSET;
	take_units(search, dwarf);
	return is_usable(&search->layout) ? 0 : -ENOENT;
}

int layout_from_dwarf(const struct elf_image *image, struct layout *ret)
{
	struct piece pieces[SECTION_COUNT] = {
		[SECTION_ABBREV] = debug_section(image, ".debug_abbrev", ".zdebug_abbrev"),
		[SECTION_INFO] = debug_section(image, ".debug_info", ".zdebug_info"),
	};
	struct search search = { .layout.source = "DWARF" };
	size_t size;
	int error;

	if (pieces[SECTION_ABBREV].bytes.length == 0 || pieces[SECTION_INFO].bytes.length == 0)
		return -ENOENT;
	AUTO_FREE char *file = file_of(pieces, &size);
	error = file ? search_file(file, size, &search) : -ENOENT;
	if (error == 0)
		*ret = search.layout;
	return error;
}
