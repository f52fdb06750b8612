/*
 * Real Go executables, every one under HEAPTAP_TARGETS, against truths that owe nothing to the
 * pclntab: the symbol table, DWARF as libdw reads it, and for a stripped file its unstripped twin
 * (stripping moves no text). Each file is also read with its section headers cut off.
 */
#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/test.h"
#include "model/stack.h"
#include "target/go_binary.h"
#include "target/runtime_text.h"

struct executable {
	uint8_t *bytes;
	size_t length;
	struct elf_image *image;
	struct go_binary *binary;
};

static struct {
	const char *folder;
	int (*check)(const char *path, const struct executable *executable);
	int files, cases;
} walk;

static void executable_close(struct executable *executable)
{
	go_binary_free(executable->binary);
	elf_image_free(executable->image);
	free(executable->bytes);
}
#define AUTO_EXECUTABLE CLEANUP(executable_close)

static void quiet(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

static bool read_file(const char *path, struct executable *executable)
{
	int fd AUTO_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return false;
	executable->length = (size_t)status.st_size;
	executable->bytes = malloc(executable->length + 1);
	return executable->bytes &&
	       read(fd, executable->bytes, executable->length) == status.st_size;
}

/* False when it is no Go executable for this machine. */
static bool executable_open(const char *path, bool with_sections, struct executable *executable)
{
	struct span bytes;

	if (!read_file(path, executable) || executable->length < sizeof(Elf64_Ehdr))
		return false;
	bytes = (struct span){ executable->bytes, executable->length };
	if (!with_sections) {
		Elf64_Ehdr *header = (Elf64_Ehdr *)executable->bytes;

		header->e_shoff = header->e_shnum = header->e_shstrndx = 0;
	}
	return elf_image_from_bytes(bytes, path, &executable->image) == 0 &&
	       go_binary_open(executable->image, &executable->binary) == 0;
}

static int visit(const char *path, const struct stat *status, int type, struct FTW *unused)
{
	struct executable executable AUTO_EXECUTABLE = { 0 };

	(void)unused;
	if (type != FTW_F || !(status->st_mode & 0111) || !executable_open(path, true, &executable))
		return 0;
	walk.files++;
	walk.cases += walk.check(path, &executable);
	return 0;
}

/* `check` returns how many cases it compared; without any there is nothing that was tested. */
static void for_every_executable(int (*check)(const char *path, const struct executable *))
{
	const char *folder = getenv("HEAPTAP_TARGETS");

	walk.folder = folder ? folder : "build/targets";
	walk.check = check;
	walk.files = walk.cases = 0;
	diag_set_sink(quiet, NULL);
	nftw(walk.folder, visit, 16, FTW_PHYS);
	diag_set_sink(NULL, NULL);
	if (!walk.files)
		test_skip("no Go executables in %s (tests/targets/build.sh makes them)",
			  walk.folder);
	if (!walk.cases)
		test_skip("none of the executables in %s has what this compares with", walk.folder);
	printf("# %d comparisons in %d executables\n", walk.cases, walk.files);
}

/* "main.F[go.shape.int_0]" and "main.F[...]" are the same to 1.19, symbols carry ".abi0". */
static void plain_name(const char *name, char ret[256])
{
	const char *open_bracket = strchr(name, '['), *close_bracket = strrchr(name, ']');
	char *suffix;

	if (open_bracket && close_bracket)
		snprintf(ret, 256, "%.*s%s", (int)(open_bracket - name), name, close_bracket + 1);
	else
		snprintf(ret, 256, "%s", name);
	suffix = strstr(ret, ".abi");
	if (suffix)
		*suffix = 0;
}

static bool same_name(const char *a, const char *b)
{
	char plain_a[256], plain_b[256];

	plain_name(a, plain_a);
	plain_name(b, plain_b);
	return !strcmp(plain_a, plain_b);
}

/* ---- symbols ---- */

static int check_symbols(const char *path, const struct executable *executable)
{
	static const struct {
		const char *symbol;
		size_t member;
	} facts[] = {
		{ "runtime.firstmoduledata", offsetof(struct go_module, address) },
		{ "runtime.text", offsetof(struct go_module, text) },
		{ "runtime.etext", offsetof(struct go_module, etext) },
		{ "runtime.noptrdata", offsetof(struct go_module, noptrdata) },
		{ "runtime.data", offsetof(struct go_module, data) },
		{ "runtime.bss", offsetof(struct go_module, bss) },
		{ "runtime.noptrbss", offsetof(struct go_module, noptrbss) },
		{ "runtime.end", offsetof(struct go_module, end) },
		{ "runtime.types", offsetof(struct go_module, types) },
		{ "runtime.etypes", offsetof(struct go_module, etypes) },
		{ "runtime.rodata", offsetof(struct go_module, rodata) },
		{ "go:func.*", offsetof(struct go_module, gofunc) },
	};
	const char *module = (const char *)go_binary_module(executable->binary);
	struct span symbols = elf_image_section(executable->image, ".symtab", NULL);
	struct span names = elf_image_section(executable->image, ".strtab", NULL);
	int cases = 0;

	for (size_t at = 0; at + sizeof(Elf64_Sym) <= symbols.length; at += sizeof(Elf64_Sym)) {
		Elf64_Sym symbol;
		const char *name;

		memcpy(&symbol, symbols.data + at, sizeof(symbol));
		name = span_string(names, symbol.st_name, names.length);
		for (size_t i = 0; name && i < sizeof(facts) / sizeof(facts[0]); i++) {
			uint64_t found;

			if (strcmp(name, facts[i].symbol))
				continue;
			memcpy(&found, module + facts[i].member, sizeof(found));
			cases++;
			if (found != symbol.st_value)
				test_fail(__FILE__, __LINE__, "%s: %s is 0x%llx, not 0x%llx", path,
					  name, (unsigned long long)found,
					  (unsigned long long)symbol.st_value);
		}
	}
	return cases;
}

TEST("moduledata of real executables says what their symbols say")
{
	for_every_executable(check_symbols);
}

static int check_function_symbols(const char *path, const struct executable *executable)
{
	struct span symbols = elf_image_section(executable->image, ".symtab", NULL);
	struct span names = elf_image_section(executable->image, ".strtab", NULL);
	int cases = 0;

	for (size_t at = 0; at + sizeof(Elf64_Sym) <= symbols.length; at += sizeof(Elf64_Sym)) {
		struct go_function function;
		Elf64_Sym symbol;
		const char *name;

		memcpy(&symbol, symbols.data + at, sizeof(symbol));
		name = span_string(names, symbol.st_name, names.length);
		if (!name || ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || !symbol.st_size ||
		    (strncmp(name, "main.", 5) && strncmp(name, "runtime.", 8)))
			continue;
		cases++;
		if (go_binary_function_at(executable->binary, symbol.st_value, &function) < 0 ||
		    function.entry != symbol.st_value || !same_name(function.name, name) ||
		    function.end < symbol.st_value + symbol.st_size)
			test_fail(__FILE__, __LINE__, "%s: %s is not found at its address", path,
				  name);
	}
	return cases;
}

TEST("functions of real executables are at their symbols")
{
	for_every_executable(check_function_symbols);
}

/* ---- DWARF ---- */

/* The DIEs of the physical function and of what is inlined at pc, innermost first. */
static int dwarf_chain(Dwarf_Die *unit, uint64_t pc, const char **names, int max)
{
	Dwarf_Die *lexical AUTO_FREE = NULL;
	Dwarf_Die *chain AUTO_FREE = NULL;
	int count = 0, all;

	if (dwarf_getscopes(unit, pc, &lexical) <= 0)
		return 0;
	all = dwarf_getscopes_die(&lexical[0], &chain);
	for (int i = 0; i < all && count < max; i++) {
		int tag = dwarf_tag(&chain[i]);
		const char *name = dwarf_diename(&chain[i]);

		if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_subprogram) && name)
			names[count++] = name;
	}
	return count;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int compare_with_dwarf(const char *path, const struct executable *executable,
			      Dwarf_Die *unit, Dwarf_Line *line)
{
	struct go_frame frames[64];
	const char *names[64], *file = dwarf_linesrc(line, NULL, NULL);
	int count, found, number = 0;
	Dwarf_Addr pc;

	if (!file || dwarf_lineno(line, &number) < 0 || dwarf_lineaddr(line, &pc) < 0)
		return 0;
	count = dwarf_chain(unit, pc, names, 64);
	found = (int)go_binary_frames_at(executable->binary, pc, frames, 64);
	/* of wrappers that the compiler makes, Go 1.19's DWARF leaves out some of what is inlined */
	if (found > count && !strcmp(frames[found - 1].file, "<autogenerated>"))
		return 0;
	if (found != count)
		test_fail(__FILE__, __LINE__, "%s: %d frames at 0x%llx, not %d", path, found,
			  (unsigned long long)pc, count);
	for (int i = 0; i < count; i++)
		if (!same_name(frames[i].function, names[i]))
			test_fail(__FILE__, __LINE__, "%s: frame %d at 0x%llx is %s, not %s", path,
				  i, (unsigned long long)pc, frames[i].function, names[i]);
	if (!strcmp(frames[0].file, "<autogenerated>"))
		return 0; /* DWARF spells those in many ways */
	if (frames[0].line != (uint32_t)number ||
	    strcmp(base_name(frames[0].file), base_name(file)))
		test_fail(__FILE__, __LINE__, "%s: 0x%llx is %s:%u, not %s:%d", path,
			  (unsigned long long)pc, frames[0].file, frames[0].line, file, number);
	return 1;
}

/*
 * In every fifth function that DWARF knows, the row of the line table a third into it - where the
 * row begins, as padding behind it belongs to the last row in DWARF and to the next one in the
 * pclntab.
 */
static int check_unit(const char *path, const struct executable *executable, Dwarf_Die *unit)
{
	Dwarf_Die child;
	int cases = 0, number = 0;

	if (dwarf_child(unit, &child) != 0)
		return 0;
	do {
		Dwarf_Line *line = NULL;
		Dwarf_Addr low, high;

		if (dwarf_tag(&child) == DW_TAG_subprogram && number++ % 5 == 0 &&
		    dwarf_lowpc(&child, &low) == 0 && dwarf_highpc(&child, &high) == 0)
			line = dwarf_getsrc_die(unit, low + (high - low) / 3);
		if (line)
			cases += compare_with_dwarf(path, executable, unit, line);
	} while (dwarf_siblingof(&child, &child) == 0);
	return cases;
}

static int check_dwarf(const char *path, const struct executable *executable)
{
	int fd AUTO_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
	Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;
	uint8_t type;
	int cases = 0;

	while (dwarf && dwarf_get_units(dwarf, unit, &unit, NULL, &type, &die, NULL) == 0) {
		const char *name = dwarf_diename(&die);

		if (name &&
		    (!strcmp(name, "main") || !strcmp(name, "runtime") || !strcmp(name, "strconv")))
			cases += check_unit(path, executable, &die);
	}
	dwarf_end(dwarf);
	return cases;
}

TEST("frames in real executables, inlined ones too, are those of DWARF")
{
	for_every_executable(check_dwarf);
}

/* ---- less and less of the file ---- */

static void compare_executables(const char *path, const struct go_binary *binary,
				const struct go_binary *truth)
{
	size_t count = go_binary_function_count(truth);

	CHECK_INT(go_binary_function_count(binary), count);
	for (size_t i = 0; i < count; i++) {
		struct go_function function = { 0 }, expected = { 0 };
		struct go_frame frames[64], expected_frames[64];
		size_t depth;
		uint64_t pc;

		CHECK_INT(go_binary_function(truth, i, &expected), 0);
		CHECK_INT(go_binary_function(binary, i, &function), 0);
		pc = expected.entry + (expected.end - expected.entry) / 2;
		depth = go_binary_frames_at(truth, pc, expected_frames, 64);
		if (function.entry != expected.entry || strcmp(function.name, expected.name) ||
		    go_binary_frames_at(binary, pc, frames, 64) != depth)
			test_fail(__FILE__, __LINE__, "%s: function %zu differs", path, i);
		for (size_t k = 0; k < depth; k++)
			if (strcmp(frames[k].function, expected_frames[k].function) ||
			    frames[k].line != expected_frames[k].line)
				test_fail(__FILE__, __LINE__, "%s: frames in %s differ", path,
					  function.name);
	}
}

static int check_sectionless(const char *path, const struct executable *executable)
{
	struct executable bare AUTO_EXECUTABLE = { 0 };

	if (!executable_open(path, false, &bare))
		test_fail(__FILE__, __LINE__, "%s is not read without section headers", path);
	CHECK_STRING(go_binary_version(bare.binary)->text,
		     go_binary_version(executable->binary)->text);
	CHECK(!memcmp(go_binary_module(bare.binary), go_binary_module(executable->binary),
		      sizeof(struct go_module)));
	compare_executables(path, bare.binary, executable->binary);
	return 1;
}

TEST("real executables say the same without section headers")
{
	for_every_executable(check_sectionless);
}

/* NAME-stripped has the twin NAME-plain, NAME-pie-stripped the twin NAME-pie. */
static bool open_twin(const char *path, struct executable *twin)
{
	size_t length = strlen(path), tail = strlen("-stripped");
	char name[4096];

	if (length <= tail || strcmp(path + length - tail, "-stripped"))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)(length - tail), path);
	if (access(name, R_OK) < 0)
		snprintf(name, sizeof(name), "%.*s-plain", (int)(length - tail), path);
	return executable_open(name, true, twin);
}

static int check_twin(const char *path, const struct executable *executable)
{
	struct executable twin AUTO_EXECUTABLE = { 0 };

	if (!open_twin(path, &twin))
		return 0;
	compare_executables(path, executable->binary, twin.binary);
	return 1;
}

TEST("a stripped executable says the same as its unstripped twin")
{
	for_every_executable(check_twin);
}

/* ---- where the runtime is ---- */

static bool is_in(const struct text_range *ranges, uint64_t address)
{
	for (int i = 0; i < LIMIT_RUNTIME_RANGES; i++)
		if (address >= ranges[i].start && address < ranges[i].end)
			return true;
	return false;
}

static int check_runtime_text(const char *path, const struct executable *executable)
{
	struct text_range ranges[LIMIT_RUNTIME_RANGES];
	int main_functions = 0;

	runtime_text_find(executable->binary, ranges);
	for (size_t i = 0; i < go_binary_function_count(executable->binary); i++) {
		struct go_function function = { 0 };

		CHECK_INT(go_binary_function(executable->binary, i, &function), 0);
		if (function_is_runtime(function.name) &&
		    (!is_in(ranges, function.entry) || !is_in(ranges, function.end - 1)))
			test_fail(__FILE__, __LINE__, "%s: %s is outside", path, function.name);
		if (strncmp(function.name, "main.", 5))
			continue;
		main_functions++;
		if (is_in(ranges, function.entry))
			test_fail(__FILE__, __LINE__, "%s: %s is inside", path, function.name);
	}
	return main_functions;
}

TEST("the ranges of the runtime hold all of its functions and none of package main")
{
	for_every_executable(check_runtime_text);
}
