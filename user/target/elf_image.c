/*
 * ELF files as bytes with addresses. One idea: everything is a span into the mapped file, cut out
 * once with its bounds, so that a damaged header yields an empty span and never a wild pointer.
 * What the bytes mean in Go is the business of buildinfo.c, pclntab.c and moduledata.c.
 */
#include "target/elf_image.h"

#include <elf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "limits.h"

#define SPENT_BYTES (16U << 20) /* of pages that a walk keeps in memory */

struct elf_image {
	struct span bytes;
	char *label;
	bool mapped; /* by us: to be unmapped */
	bool pie;
	size_t segment_count, section_count;
	struct span sections, section_names; /* empty when there are no (sound) section headers */
	uint64_t dynamic_offset, dynamic_bytes;
	struct elf_segment segments[];
};

DEFINE_CLEANUP(cleanup_image, struct elf_image, elf_image_free)

static int read_struct(struct span span, uint64_t offset, void *ret, size_t bytes)
{
	if (!span_holds(span, offset, bytes))
		return -ERANGE;
	memcpy(ret, span.data + offset, bytes);
	return 0;
}

/* The sentence for what cannot be observed; EINVAL, as diag_fail then adds no reason of its own. */
static int refuse(const char *label, const char *why)
{
	return diag_fail(-EINVAL, "'%s' %s", label, why);
}

static int check_header(struct span bytes, const char *label, Elf64_Ehdr *ret)
{
	if (bytes.length < SELFMAG || memcmp(bytes.data, ELFMAG, SELFMAG))
		return refuse(label, "is not an ELF executable");
	if (bytes.length < EI_NIDENT)
		return refuse(label, "is truncated: its ELF header is incomplete");
	if (bytes.data[EI_CLASS] != ELFCLASS64)
		return refuse(label,
			      "is a 32-bit program; heaptap observes 64-bit x86-64 programs");
	if (bytes.data[EI_DATA] != ELFDATA2LSB)
		return refuse(label, "is a big-endian program; heaptap observes x86-64 programs");
	if (read_struct(bytes, 0, ret, sizeof(*ret)) < 0)
		return refuse(label, "is truncated: its ELF header is incomplete");
	if (ret->e_machine != EM_X86_64)
		return refuse(label, "is not a program for x86-64, the only machine supported");
	if (ret->e_type != ET_EXEC && ret->e_type != ET_DYN)
		return refuse(label, "is an ELF file but not an executable");
	if (!ret->e_phnum || ret->e_phentsize != sizeof(Elf64_Phdr))
		return refuse(label, "is not an executable: it has no program headers");
	if (ret->e_phnum > LIMIT_SEGMENTS)
		return refuse(label, "has more program headers than any real program");
	return 0;
}

static int read_segments(struct elf_image *image, const Elf64_Ehdr *header)
{
	for (unsigned int i = 0; i < header->e_phnum; i++) {
		uint64_t at = (uint64_t)i * sizeof(Elf64_Phdr);
		Elf64_Phdr entry;

		if (read_struct(span_from(image->bytes, header->e_phoff), at, &entry,
				sizeof(entry)) < 0)
			return refuse(image->label, "is truncated: program headers are missing");
		if (entry.p_type == PT_DYNAMIC) {
			image->dynamic_offset = entry.p_offset;
			image->dynamic_bytes = entry.p_filesz;
		}
		if (entry.p_type != PT_LOAD)
			continue;
		if (!span_holds(image->bytes, entry.p_offset, entry.p_filesz))
			return refuse(image->label, "is truncated: a loadable segment ends behind "
						    "the end of the file");
		image->segments[image->segment_count++] = (struct elf_segment){
			entry.p_vaddr,	entry.p_memsz,	      entry.p_offset,
			entry.p_filesz, entry.p_flags & PF_X, entry.p_flags & PF_W,
		};
	}
	if (!image->segment_count)
		return refuse(image->label, "is not an executable: nothing of it is loadable");
	return 0;
}

static int read_section(const struct elf_image *image, uint64_t index, Elf64_Shdr *ret)
{
	return read_struct(image->sections, index * sizeof(*ret), ret, sizeof(*ret));
}

static struct span section_bytes(const struct elf_image *image, const Elf64_Shdr *section)
{
	if (section->sh_type == SHT_NOBITS)
		return (struct span){ 0 };
	return span_sub(image->bytes, section->sh_offset, section->sh_size);
}

/* Section headers are a help and no need: when they are damaged there simply are none. Counts that
 * do not fit the ELF header are in section 0 (ELF gABI, "Extended Section Header"). */
static void read_sections(struct elf_image *image, const Elf64_Ehdr *header)
{
	uint64_t count = header->e_shnum, names = header->e_shstrndx;
	Elf64_Shdr first, table;

	if (!header->e_shoff || header->e_shentsize != sizeof(Elf64_Shdr))
		return;
	image->sections = span_from(image->bytes, header->e_shoff);
	if (read_section(image, 0, &first) < 0)
		return;
	count = count ? count : first.sh_size;
	names = names == SHN_XINDEX ? first.sh_link : names;
	if (count > LIMIT_SECTIONS)
		count = LIMIT_SECTIONS;
	image->sections = span_sub(image->sections, 0, count * sizeof(Elf64_Shdr));
	if (read_section(image, names, &table) < 0)
		return;
	image->section_names = section_bytes(image, &table);
	image->section_count = count;
}

static int image_new(struct span bytes, const char *label, struct elf_image **ret)
{
	struct elf_image *image CLEANUP(cleanup_image) = NULL;
	Elf64_Ehdr header;
	int error = check_header(bytes, label, &header);

	if (error < 0)
		return error;
	image = calloc(1, sizeof(*image) + header.e_phnum * sizeof(image->segments[0]));
	if (!image || !(image->label = strdup(label)))
		return diag_fail(-ENOMEM, "cannot read '%s'", label);
	image->bytes = bytes;
	image->pie = header.e_type == ET_DYN;
	error = read_segments(image, &header);
	if (error < 0)
		return error;
	read_sections(image, &header);
	*ret = TAKE(image);
	return 0;
}

int elf_image_from_bytes(struct span bytes, const char *label, struct elf_image **ret)
{
	return image_new(bytes, label, ret);
}

int elf_image_open(int fd, const char *label, struct elf_image **ret)
{
	struct stat status;
	void *memory;
	int error;

	if (fstat(fd, &status) < 0)
		return diag_fail(-errno, "cannot read '%s'", label);
	if (!S_ISREG(status.st_mode))
		return refuse(label, "is not a file");
	if (status.st_size == 0)
		return refuse(label, "is empty");
	if ((uint64_t)status.st_size > LIMIT_ELF_BYTES)
		return diag_fail(-EFBIG, "cannot read '%s'", label);
	memory = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (memory == MAP_FAILED)
		return diag_fail(-errno, "cannot map '%s'", label);
	error = image_new((struct span){ memory, (size_t)status.st_size }, label, ret);
	if (error < 0)
		munmap(memory, (size_t)status.st_size);
	else
		(*ret)->mapped = true;
	return error;
}

void elf_image_free(struct elf_image *image)
{
	if (!image)
		return;
	if (image->mapped)
		munmap((void *)image->bytes.data, image->bytes.length);
	free(image->label);
	free(image);
}

struct span elf_image_bytes(const struct elf_image *image)
{
	return image->bytes;
}

bool elf_image_is_pie(const struct elf_image *image)
{
	return image->pie;
}

const char *elf_image_label(const struct elf_image *image)
{
	return image->label;
}

bool elf_image_segment(const struct elf_image *image, size_t index, struct elf_segment *ret)
{
	if (index >= image->segment_count)
		return false;
	*ret = image->segments[index];
	return true;
}

static int find_section(const struct elf_image *image, const char *name, Elf64_Shdr *ret)
{
	for (size_t i = 0; i < image->section_count; i++) {
		const char *found;

		if (read_section(image, i, ret) < 0)
			return -ENOENT;
		found = span_string(image->section_names, ret->sh_name, LIMIT_NAME_BYTES);
		if (found && !strcmp(found, name))
			return 0;
	}
	return -ENOENT;
}

struct span elf_image_section(const struct elf_image *image, const char *name,
			      uint64_t *ret_address)
{
	Elf64_Shdr section;

	if (find_section(image, name, &section) < 0)
		return (struct span){ 0 };
	if (ret_address)
		*ret_address = section.sh_addr;
	return section_bytes(image, &section);
}

static const struct elf_segment *segment_at(const struct elf_image *image, uint64_t address)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *segment = &image->segments[i];

		if (address >= segment->address && address - segment->address < segment->file_bytes)
			return segment;
	}
	return NULL;
}

int elf_image_file_offset(const struct elf_image *image, uint64_t address, uint64_t *ret)
{
	const struct elf_segment *segment = segment_at(image, address);

	if (!segment)
		return -ENOENT;
	*ret = segment->file_offset + (address - segment->address);
	return 0;
}

struct span elf_image_at(const struct elf_image *image, uint64_t address)
{
	const struct elf_segment *segment = segment_at(image, address);
	uint64_t skipped;

	if (!segment)
		return (struct span){ 0 };
	skipped = address - segment->address;
	return span_sub(image->bytes, segment->file_offset + skipped,
			segment->file_bytes - skipped);
}

static int find_in_symbols(struct span symbols, struct span names, const char *name, Elf64_Sym *ret)
{
	size_t length = strlen(name) + 1;
	size_t count = symbols.length / sizeof(*ret);

	for (size_t i = 0; i < count && i < LIMIT_SYMBOLS; i++) {
		unsigned int type;

		memcpy(ret, symbols.data + i * sizeof(*ret), sizeof(*ret));
		type = ELF64_ST_TYPE(ret->st_info);
		if (ret->st_shndx == SHN_UNDEF || (type != STT_OBJECT && type != STT_FUNC))
			continue;
		if (span_holds(names, ret->st_name, length) &&
		    !memcmp(names.data + ret->st_name, name, length))
			return 0;
	}
	return -ENOENT;
}

int elf_image_symbol(const struct elf_image *image, const char *name, uint64_t *ret_address,
		     uint64_t *ret_bytes)
{
	Elf64_Shdr table, strings;
	Elf64_Sym symbol;

	if (find_section(image, ".symtab", &table) < 0 ||
	    read_section(image, table.sh_link, &strings) < 0 ||
	    find_in_symbols(section_bytes(image, &table), section_bytes(image, &strings), name,
			    &symbol) < 0)
		return -ENOENT;
	if (ret_address)
		*ret_address = symbol.st_value;
	if (ret_bytes)
		*ret_bytes = symbol.st_size;
	return 0;
}

struct elf_symbols elf_image_symbols(const struct elf_image *image)
{
	Elf64_Shdr table, strings;

	if (find_section(image, ".symtab", &table) < 0 ||
	    read_section(image, table.sh_link, &strings) < 0)
		return (struct elf_symbols){ 0 };
	return (struct elf_symbols){ section_bytes(image, &table), section_bytes(image, &strings),
				     0 };
}

static bool is_defined(const Elf64_Sym *symbol)
{
	unsigned int type = ELF64_ST_TYPE(symbol->st_info);

	return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
	       (type == STT_OBJECT || type == STT_FUNC || type == STT_NOTYPE);
}

bool elf_symbols_next(struct elf_symbols *symbols, struct elf_symbol *ret)
{
	Elf64_Sym symbol;

	while (symbols->next < LIMIT_SYMBOLS &&
	       read_struct(symbols->table, symbols->next * sizeof(symbol), &symbol,
			   sizeof(symbol)) == 0) {
		const char *name = span_string(symbols->names, symbol.st_name, LIMIT_NAME_BYTES);

		symbols->next++;
		if (!is_defined(&symbol) || !name || !name[0])
			continue;
		*ret = (struct elf_symbol){ name, symbol.st_value, symbol.st_size,
					    ELF64_ST_TYPE(symbol.st_info) == STT_FUNC,
					    ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT };
		return true;
	}
	return false;
}

/* Go writes no sizes of some symbols: those hold their first byte. */
static bool is_object_around(const struct elf_symbol *symbol, uint64_t address)
{
	return symbol->object && address >= symbol->address &&
	       address - symbol->address < (symbol->bytes ? symbol->bytes : 1);
}

int elf_image_object_at(const struct elf_image *image, uint64_t address, const char **ret_name,
			uint64_t *ret_offset)
{
	struct elf_symbols symbols = elf_image_symbols(image);
	struct elf_symbol symbol;

	while (elf_symbols_next(&symbols, &symbol)) {
		if (!is_object_around(&symbol, address))
			continue;
		*ret_name = symbol.name;
		*ret_offset = address - symbol.address;
		return 0;
	}
	return -ENOENT;
}

struct span elf_image_relocations(const struct elf_image *image)
{
	struct span dynamic = span_sub(image->bytes, image->dynamic_offset, image->dynamic_bytes);
	uint64_t table = 0, bytes = 0;
	Elf64_Dyn entry;

	for (uint64_t at = 0; read_struct(dynamic, at, &entry, sizeof(entry)) == 0;
	     at += sizeof(entry)) {
		if (entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == DT_RELA)
			table = entry.d_un.d_ptr;
		if (entry.d_tag == DT_RELASZ)
			bytes = entry.d_un.d_val;
	}
	return bytes ? span_sub(elf_image_at(image, table), 0, bytes) : (struct span){ 0 };
}

void elf_image_release_pages(const struct elf_image *image)
{
	if (image->mapped)
		madvise((void *)image->bytes.data, image->bytes.length, MADV_DONTNEED);
}

void elf_image_spend_pages(const struct elf_image *image, uint64_t bytes, uint64_t *spent)
{
	*spent += bytes;
	if (*spent < SPENT_BYTES)
		return;
	elf_image_release_pages(image);
	*spent = 0;
}
