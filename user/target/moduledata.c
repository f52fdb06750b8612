/*
 * Finding moduledata. Since 1.26 it has a section of its own; in all versions its first two words
 * are the addresses of the pclntab and of the function names in it, a pair that occurs nowhere
 * else. In a PIE those words are zero in the file and the pair is in the relocations' addends.
 */
#include "target/moduledata.h"

#include <elf.h>

/* Words looked at: up to the slice of itablinks, which is the last thing wanted. */
#define MODULE_BYTES 408
/* A sound file has one candidate. More of them are an attempt to make us work. */
#define CANDIDATES 16

/* Offsets that are the same in Go 1.19-1.27. */
enum {
	PC_HEADER = 0,
	NAMES = 8,
	FUNCTIONS = 104, /* slice: functab and what follows, to the end through Go 1.25 */
	FUNCTAB = 128,
	FUNCTAB_COUNT = 136,
	TEXT = 176,
	ETEXT = 184,
	NOPTRDATA = 192,
	DATA = 208,
	BSS = 224,
	NOPTRBSS = 240,
};

/* Those that changed. 0: not there. Row for 1.20: its types and typelinks are where 1.21 has them.
 */
struct layout_row {
	int minor; /* first version that looks like this */
	uint16_t end, types, typedesc, etypes, rodata, gofunc, typelinks, itablinks, itabs,
		epclntab;
};

static const struct layout_row layout_rows[] = {
	{ 19, 256, 280, 0, 288, 296, 304, 336, 360, 0, 0 },
	{ 20, 272, 296, 0, 304, 312, 320, 352, 376, 0, 0 },   /* coverage counters before `end` */
	{ 26, 272, 296, 0, 304, 312, 320, 360, 384, 0, 328 }, /* epclntab before the slices */
	{ 27, 272, 296, 304, 312, 336, 344, 0, 0, 320,
	  352 }, /* typedesclen, itaboffset; no links */
};

static const struct layout_row *row_for(const struct go_version *version)
{
	const struct layout_row *row = &layout_rows[0];

	for (size_t i = 0; i < sizeof(layout_rows) / sizeof(layout_rows[0]); i++)
		if (version->minor >= layout_rows[i].minor)
			row = &layout_rows[i];
	return row;
}

struct search {
	const struct elf_image *image;
	const struct pclntab *table;
	const struct layout_row *row;
	struct span relocations;
	unsigned int candidates;
	struct go_module *found;
};

static bool next_relocation(const struct search *search, size_t *index, Elf64_Rela *ret)
{
	struct span one = span_sub(search->relocations, *index * sizeof(*ret), sizeof(*ret));

	if (!one.length)
		return false;
	memcpy(ret, one.data, sizeof(*ret));
	(*index)++;
	return true;
}

static bool is_relative(const Elf64_Rela *relocation)
{
	return ELF64_R_TYPE(relocation->r_info) == R_X86_64_RELATIVE;
}

/* The words at `address` as they are after the dynamic linker's work at bias 0. */
static int read_words(const struct search *search, uint64_t address, uint8_t words[MODULE_BYTES])
{
	struct span bytes = elf_image_at(search->image, address);
	Elf64_Rela relocation;
	size_t index = 0;

	if (!span_holds(bytes, 0, MODULE_BYTES))
		return -ERANGE;
	memcpy(words, bytes.data, MODULE_BYTES);
	while (next_relocation(search, &index, &relocation)) {
		uint64_t offset = relocation.r_offset - address;

		if (offset <= MODULE_BYTES - 8 && is_relative(&relocation))
			memcpy(words + offset, &relocation.r_addend, 8);
	}
	return 0;
}

static uint64_t word(const uint8_t *words, uint16_t offset)
{
	uint64_t value = 0;

	if (offset)
		memcpy(&value, words + offset, sizeof(value));
	return value;
}

static bool in_executable_segment(const struct elf_image *image, uint64_t address)
{
	struct elf_segment segment;

	for (size_t i = 0; elf_image_segment(image, i, &segment); i++)
		if (segment.executable && address >= segment.address &&
		    address - segment.address < segment.file_bytes)
			return true;
	return false;
}

/* What must hold in any sound moduledata: it describes this very table, and text is text. */
static bool words_plausible(const struct search *search, const uint8_t *words)
{
	const struct pclntab *table = search->table;
	uint64_t header;

	memcpy(&header, words + PC_HEADER, sizeof(header));
	return header == table->address &&
	       word(words, NAMES) == table->address + table->names_offset &&
	       word(words, FUNCTAB) == table->address + table->functions_offset &&
	       word(words, FUNCTAB_COUNT) == (uint64_t)table->function_count + 1 &&
	       word(words, TEXT) < word(words, ETEXT) &&
	       word(words, search->row->types) <= word(words, search->row->etypes) &&
	       in_executable_segment(search->image, word(words, TEXT));
}

static bool try_candidate(struct search *search, uint64_t address)
{
	const struct layout_row *row = search->row;
	uint8_t words[MODULE_BYTES];

	if (search->candidates++ >= CANDIDATES || read_words(search, address, words) < 0 ||
	    !words_plausible(search, words))
		return false;
	*search->found = (struct go_module){
		.address = address,
		.pclntab_end = row->epclntab ? word(words, row->epclntab)
					     : word(words, FUNCTIONS) + word(words, FUNCTIONS + 8),
		.text = word(words, TEXT),
		.etext = word(words, ETEXT),
		.noptrdata = word(words, NOPTRDATA),
		.data = word(words, DATA),
		.bss = word(words, BSS),
		.noptrbss = word(words, NOPTRBSS),
		.end = word(words, row->end),
		.types = word(words, row->types),
		.etypes = word(words, row->etypes),
		.rodata = word(words, row->rodata),
		.gofunc = word(words, row->gofunc),
		.typedesc_bytes = word(words, row->typedesc),
		.typelinks = word(words, row->typelinks),
		.typelink_count = row->typelinks ? word(words, row->typelinks + 8) : 0,
		.itablinks = word(words, row->itablinks),
		.itablink_count = row->itablinks ? word(words, row->itablinks + 8) : 0,
		.itabs = row->itabs ? word(words, row->types) + word(words, row->itabs) : 0,
		.itab_bytes = row->itabs ? word(words, row->itabs + 8) : 0,
	};
	return true;
}

static bool search_section(struct search *search)
{
	uint64_t address;

	return elf_image_section(search->image, ".go.module", &address).length &&
	       try_candidate(search, address);
}

static bool search_relocations(struct search *search)
{
	Elf64_Rela relocation;
	size_t index = 0;

	while (search->candidates < CANDIDATES && next_relocation(search, &index, &relocation))
		if (is_relative(&relocation) &&
		    (uint64_t)relocation.r_addend == search->table->address &&
		    try_candidate(search, relocation.r_offset))
			return true;
	return false;
}

static bool search_segment(struct search *search, const struct elf_segment *segment)
{
	struct span bytes = elf_image_at(search->image, segment->address);
	uint64_t pair[2] = { search->table->address,
			     search->table->address + search->table->names_offset };
	uint64_t offset = -segment->address % 8;

	for (; search->candidates < CANDIDATES && span_holds(bytes, offset, sizeof(pair));
	     offset += 8)
		if (!memcmp(bytes.data + offset, pair, sizeof(pair)) &&
		    try_candidate(search, segment->address + offset))
			return true;
	return false;
}

static bool search_segments(struct search *search)
{
	struct elf_segment segment;

	for (size_t i = 0; elf_image_segment(search->image, i, &segment); i++)
		if (segment.writable && search_segment(search, &segment))
			return true;
	return false;
}

int moduledata_find(const struct elf_image *image, const struct pclntab *table,
		    const struct go_version *version, struct go_module *ret)
{
	struct search search = {
		.image = image,
		.table = table,
		.row = row_for(version),
		.relocations = elf_image_relocations(image),
		.found = ret,
	};

	return search_section(&search) || search_relocations(&search) || search_segments(&search)
		       ? 0
		       : -ENOENT;
}
