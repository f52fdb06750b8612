/*
 * The smallest ELF file that reads as a Go executable, made in memory: five functions with
 *inlining, build info, pclntab and moduledata in the form of a chosen Go version. For unit tests
 *(every number in it is known) and for fuzzing (mutations start from something that parses).
 *
 * main.main, text offsets 0x00-0x40, has main.outer inlined into it and main.inner into that:
 *
 *	offset  function    file      line
 *	0x00    main.main   main.go   10
 *	0x10    main.inner  inner.go  100
 *	0x20    main.outer  main.go   50     (the call of main.inner)
 *	0x30    main.main   main.go   12     (the call of main.outer)
 */
#ifndef TESTS_TINY_GO_H
#define TESTS_TINY_GO_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/span.h"

struct tiny_go_options {
	int minor;	     /* 19 to 27: decides the layout */
	bool pie;	     /* moduledata's pointers are relocations */
	bool sections;	     /* with section headers and symbols */
	const char *version; /* "go1.27.3" */
};

/* Offsets in the file; addresses are those plus `base`. */
enum {
	TINY_TEXT = 0x1000,
	TINY_PCLNTAB = 0x2000,
	TINY_FUNCDATA = 0x2800,
	TINY_BUILDINFO = 0x3000,
	TINY_MODULEDATA = 0x3400,
	TINY_RELOCATIONS = 0x3800,
	TINY_DYNAMIC = 0x3f00,
	TINY_SECTIONS = 0x4000,
	TINY_SYMBOLS = 0x4400,
	TINY_STRINGS = 0x4600,
	TINY_BYTES = 0x5000,
	TINY_FUNCTIONS = 5,
	TINY_TEXT_BYTES = 0xb0,
};

struct tiny_go {
	uint8_t bytes[TINY_BYTES];
	uint64_t base;
	uint32_t relocation_count;
};

static inline struct span tiny_go_span(const struct tiny_go *go)
{
	return (struct span){ go->bytes, sizeof(go->bytes) };
}

static inline void tiny_put(struct tiny_go *go, size_t offset, uint64_t value, size_t bytes)
{
	memcpy(go->bytes + offset, &value, bytes);
}

static inline void tiny_put_bytes(struct tiny_go *go, size_t offset, const void *bytes,
				  size_t length)
{
	memcpy(go->bytes + offset, bytes, length);
}

/* A word of moduledata that holds the address of a file offset. */
static inline void tiny_put_address(struct tiny_go *go, bool pie, size_t offset, uint64_t target)
{
	Elf64_Rela relocation = { go->base + offset, ELF64_R_INFO(0, R_X86_64_RELATIVE),
				  (int64_t)(go->base + target) };

	if (!pie) {
		tiny_put(go, offset, go->base + target, 8);
		return;
	}
	tiny_put_bytes(go, TINY_RELOCATIONS + go->relocation_count++ * sizeof(relocation),
		       &relocation, sizeof(relocation));
}

#define TINY_MODULES                                                                               \
	"0123456789abcdef"                                                                         \
	"path\texample.com/tiny/cmd\nmod\texample.com/tiny\t(devel)\t\n"                           \
	"dep\texample.com/other\tv1.2.3\th1:x=\nbuild\t-buildmode=exe\n"                           \
	"build\t-ldflags=\"-s -w -X \\\"a=b\\\"\"\nbuild\tCGO_ENABLED=0\n"                         \
	"0123456789abcdef"

/* debug/buildinfo: magic, pointer size, flags, then two strings behind their lengths. */
static inline void tiny_put_buildinfo(struct tiny_go *go, const char *version)
{
	size_t length = strlen(version), at = TINY_BUILDINFO + 32;
	size_t modules = sizeof(TINY_MODULES) - 1;

	tiny_put_bytes(go, TINY_BUILDINFO, "\xff Go buildinf:\x08\x02", 16);
	tiny_put(go, at++, length, 1);
	tiny_put_bytes(go, at, version, length);
	at += length;
	tiny_put(go, at++, (modules & 0x7f) | 0x80, 1);
	tiny_put(go, at++, modules >> 7, 1);
	tiny_put_bytes(go, at, TINY_MODULES, modules);
}

/* Tables of the pclntab, as offsets from its header. */
enum {
	TINY_NAMES = 0x60,
	TINY_UNITS = 0x100,
	TINY_FILES = 0x110,
	TINY_VALUES = 0x140,
	TINY_FUNCTAB = 0x180,
	TINY_FUNCS = 0x100, /* from TINY_FUNCTAB */
	TINY_FUNC_STRIDE = 0x50,
};

/* Names in funcnametab, each at its offset; two symbols share one name. */
enum {
	TINY_NAME_MAIN = 1,
	TINY_NAME_DUP = 11,
	TINY_NAME_DUP_2 = 20,
	TINY_NAME_WRAP = 29,
	TINY_NAME_GOEXIT = 44,
	TINY_NAME_INNER = 59,
	TINY_NAME_OUTER = 70,
};

static inline void tiny_put_tables(struct tiny_go *go)
{
	static const char names[] = "\0main.main\0main.dup\0main.dup\0main.(*T).Wrap\0"
				    "runtime.goexit\0main.inner\0main.outer";
	static const char files[] = "main.go\0inner.go";
	/* {change of value as zigzag, length in bytes}, ended by 0; they start from -1 */
	static const uint8_t values[] = {
		0,				     /* offset 0 means: no table */
		2,  0x10, 2,	0x10, 1,    0x20, 0, /* 1: file 0, 1, 0 */
		22, 0x10, 0xb4, 1,    0x10, 99,	  0x10, 75,   0x10, 0, /* 8: line 10, 100, 50, 12 */
		0,  0x10, 4,	0x10, 1,    0x10, 1,	0x10, 0, /* 18: inline index -1, 1, 0, -1 */
		2,  0x40, 0,					 /* 27: file 0 */
		16, 0x40, 0,					 /* 30: line 7 */
	};

	tiny_put_bytes(go, TINY_PCLNTAB + TINY_NAMES, names, sizeof(names));
	tiny_put(go, TINY_PCLNTAB + TINY_UNITS + 4, 8, 4); /* file 1; file 0 is at 0 */
	tiny_put_bytes(go, TINY_PCLNTAB + TINY_FILES, files, sizeof(files));
	tiny_put_bytes(go, TINY_PCLNTAB + TINY_VALUES, values, sizeof(values));
}

static inline void tiny_put_header(struct tiny_go *go, int minor)
{
	static const uint16_t tables[] = { TINY_NAMES, TINY_UNITS, TINY_FILES, TINY_VALUES,
					   TINY_FUNCTAB };

	tiny_put(go, TINY_PCLNTAB, minor < 20 ? 0xfffffff0 : 0xfffffff1, 4);
	tiny_put(go, TINY_PCLNTAB + 6, 0x0801, 2);
	tiny_put(go, TINY_PCLNTAB + 8, TINY_FUNCTIONS, 8);
	tiny_put(go, TINY_PCLNTAB + 16, 2, 8);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		tiny_put(go, TINY_PCLNTAB + 32 + 8 * i, tables[i], 8);
}

/* Entry of the functab and its _func: {entry, name, pcfile, pcln, inline index, start line}. */
static inline void tiny_put_function(struct tiny_go *go, int minor, uint32_t index,
				     const uint32_t facts[6], uint8_t function_id)
{
	size_t functab = TINY_PCLNTAB + TINY_FUNCTAB;
	size_t at = functab + TINY_FUNCS + index * TINY_FUNC_STRIDE;
	size_t head = minor < 20 ? 40 : 44;

	tiny_put(go, functab + 8 * index, facts[0], 4);
	tiny_put(go, functab + 8 * index + 4, at - functab, 4);
	tiny_put(go, at, facts[0], 4);
	tiny_put(go, at + 4, facts[1], 4);
	tiny_put(go, at + 20, facts[2], 4);
	tiny_put(go, at + 24, facts[3], 4);
	tiny_put(go, at + 28, 3, 4); /* pcdata */
	if (minor >= 20)
		tiny_put(go, at + 36, facts[5], 4);
	tiny_put(go, at + head - 4, function_id, 1);
	tiny_put(go, at + head - 1, 4, 1); /* funcdata */
	tiny_put(go, at + head + 8, facts[4], 4);
	for (size_t i = 0; i < 4; i++)
		tiny_put(go, at + head + 12 + 4 * i, i == 3 && facts[4] ? 0 : UINT32_MAX, 4);
}

static inline void tiny_put_functions(struct tiny_go *go, int minor)
{
	static const uint32_t facts[TINY_FUNCTIONS][6] = {
		{ 0x00, TINY_NAME_MAIN, 1, 8, 18, 9 },	  { 0x40, TINY_NAME_DUP, 27, 30, 0, 6 },
		{ 0x50, TINY_NAME_DUP_2, 27, 30, 0, 6 },  { 0x90, TINY_NAME_WRAP, 27, 30, 0, 1 },
		{ 0xa0, TINY_NAME_GOEXIT, 27, 30, 0, 5 },
	};
	/* internal/abi FuncIDWrapper as counted in each version's sources */
	uint8_t wrapper = minor <= 21 ? 21 : minor <= 24 ? 22 : 23;

	for (uint32_t i = 0; i < TINY_FUNCTIONS; i++)
		tiny_put_function(go, minor, i, facts[i], i == 3 ? wrapper : 0);
	tiny_put(go, TINY_PCLNTAB + TINY_FUNCTAB + 8 * TINY_FUNCTIONS, TINY_TEXT_BYTES, 4);
}

/* Call 0 is main.outer in main.main, call 1 main.inner in main.outer. */
static inline void tiny_put_inline_tree(struct tiny_go *go, int minor)
{
	static const uint32_t calls[2][3] = { { TINY_NAME_OUTER, 0x30, 48 },
					      { TINY_NAME_INNER, 0x20, 99 } };

	for (size_t i = 0; i < 2; i++) {
		size_t at = TINY_FUNCDATA + i * (minor < 20 ? 20 : 16);

		tiny_put(go, at + (minor < 20 ? 12 : 4), calls[i][0], 4);
		tiny_put(go, at + (minor < 20 ? 16 : 8), calls[i][1], 4);
		if (minor >= 20)
			tiny_put(go, at + 12, calls[i][2], 4);
	}
}

/* runtime/symtab.go, type moduledata; what is not read stays zero. */
static inline void tiny_put_moduledata(struct tiny_go *go, int minor, bool pie)
{
	size_t at = TINY_MODULEDATA;
	size_t types = minor < 20 ? 280 : 296, gofunc = minor < 20 ? 304 : minor < 27 ? 320 : 344;

	tiny_put_address(go, pie, at, TINY_PCLNTAB);
	tiny_put_address(go, pie, at + 8, TINY_PCLNTAB + TINY_NAMES);
	tiny_put_address(go, pie, at + 128, TINY_PCLNTAB + TINY_FUNCTAB);
	tiny_put(go, at + 136, TINY_FUNCTIONS + 1, 8);
	tiny_put_address(go, pie, at + 176, TINY_TEXT);
	tiny_put_address(go, pie, at + 184, TINY_TEXT + TINY_TEXT_BYTES);
	tiny_put_address(go, pie, at + types, TINY_FUNCDATA + 0x100);
	tiny_put(go, at + 304, minor == 27 ? 0x20 : 0, 8); /* typedesclen */
	tiny_put_address(go, pie, at + types + (minor == 27 ? 16 : 8), TINY_FUNCDATA + 0x200);
	tiny_put_address(go, pie, at + gofunc, TINY_FUNCDATA);
	if (minor < 27) {
		size_t typelinks = minor < 20 ? 336 : minor < 26 ? 352 : 360;

		tiny_put_address(go, pie, at + typelinks, TINY_FUNCDATA + 0x180);
		tiny_put(go, at + typelinks + 8, 3, 8);
	}
}

static inline void tiny_put_segment(struct tiny_go *go, size_t index, uint32_t type, uint32_t flags,
				    uint64_t offset, uint64_t bytes)
{
	Elf64_Phdr segment = { .p_type = type,
			       .p_flags = flags,
			       .p_offset = offset,
			       .p_vaddr = go->base + offset,
			       .p_filesz = bytes,
			       .p_memsz = bytes };

	tiny_put_bytes(go, sizeof(Elf64_Ehdr) + index * sizeof(segment), &segment, sizeof(segment));
}

static inline void tiny_put_elf(struct tiny_go *go, const struct tiny_go_options *options)
{
	Elf64_Ehdr header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
			      .e_type = options->pie ? ET_DYN : ET_EXEC,
			      .e_machine = EM_X86_64,
			      .e_phoff = sizeof(Elf64_Ehdr),
			      .e_phentsize = sizeof(Elf64_Phdr),
			      .e_phnum = 4 };
	uint64_t dynamic[] = { DT_RELA,	  go->base + TINY_RELOCATIONS,
			       DT_RELASZ, go->relocation_count * sizeof(Elf64_Rela),
			       DT_NULL,	  0 };

	if (options->sections) {
		header.e_shoff = TINY_SECTIONS;
		header.e_shentsize = sizeof(Elf64_Shdr);
		header.e_shnum = 7;
		header.e_shstrndx = 6;
	}
	tiny_put_bytes(go, 0, &header, sizeof(header));
	tiny_put_bytes(go, TINY_DYNAMIC, dynamic, sizeof(dynamic));
	tiny_put_segment(go, 0, PT_LOAD, PF_R | PF_X, TINY_TEXT, 0x1000);
	tiny_put_segment(go, 1, PT_LOAD, PF_R, TINY_PCLNTAB, 0x1000);
	tiny_put_segment(go, 2, PT_LOAD, PF_R | PF_W, TINY_BUILDINFO, 0x1000);
	tiny_put_segment(go, 3, PT_DYNAMIC, PF_R | PF_W, TINY_DYNAMIC, sizeof(dynamic));
}

static inline void tiny_put_section(struct tiny_go *go, size_t index, uint32_t name, uint32_t type,
				    uint64_t offset, uint64_t bytes)
{
	Elf64_Shdr section = { .sh_name = name,
			       .sh_type = type,
			       .sh_addr = offset < TINY_SECTIONS ? go->base + offset : 0,
			       .sh_offset = offset,
			       .sh_size = bytes,
			       .sh_link = type == SHT_SYMTAB ? 6 : 0 };

	tiny_put_bytes(go, TINY_SECTIONS + index * sizeof(section), &section, sizeof(section));
}

static inline void tiny_put_sections(struct tiny_go *go)
{
	static const char strings[] = "\0.text\0.gopclntab\0.go.buildinfo\0.bss\0.symtab\0.strtab\0"
				      "main.main\0runtime.firstmoduledata";
	Elf64_Sym symbols[3] = {
		{ 0 },
		{ 53, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1, go->base + TINY_TEXT, 0x3a },
		{ 63, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 3, go->base + TINY_MODULEDATA,
		  568 },
	};

	tiny_put_section(go, 1, 1, SHT_PROGBITS, TINY_TEXT, TINY_TEXT_BYTES);
	tiny_put_section(go, 2, 7, SHT_PROGBITS, TINY_PCLNTAB, 0x800);
	tiny_put_section(go, 3, 18, SHT_PROGBITS, TINY_BUILDINFO, 0x400);
	tiny_put_section(go, 4, 32, SHT_NOBITS, TINY_BUILDINFO, 0x400);
	tiny_put_section(go, 5, 37, SHT_SYMTAB, TINY_SYMBOLS, sizeof(symbols));
	tiny_put_section(go, 6, 45, SHT_STRTAB, TINY_STRINGS, sizeof(strings));
	tiny_put_bytes(go, TINY_SYMBOLS, symbols, sizeof(symbols));
	tiny_put_bytes(go, TINY_STRINGS, strings, sizeof(strings));
}

static inline void tiny_go_make(struct tiny_go *go, const struct tiny_go_options *options)
{
	memset(go, 0, sizeof(*go));
	go->base = options->pie ? 0 : 0x400000;
	memset(go->bytes + TINY_TEXT, 0x90, TINY_TEXT_BYTES);
	tiny_put_buildinfo(go, options->version);
	tiny_put_header(go, options->minor);
	tiny_put_tables(go);
	tiny_put_functions(go, options->minor);
	tiny_put_inline_tree(go, options->minor);
	tiny_put_moduledata(go, options->minor, options->pie);
	tiny_put_elf(go, options);
	if (options->sections)
		tiny_put_sections(go);
}

#endif
