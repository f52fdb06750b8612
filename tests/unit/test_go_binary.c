/* Go executables: every form that the versions gave them, on a small one whose numbers are known.
 */
#include "target/go_binary.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/test.h"
#include "harness/tiny_go.h"
#include "limits.h"

DEFINE_CLEANUP(cleanup_image, struct elf_image, elf_image_free)
DEFINE_CLEANUP(cleanup_binary, struct go_binary, go_binary_free)

#define AUTO_IMAGE  CLEANUP(cleanup_image)
#define AUTO_BINARY CLEANUP(cleanup_binary)

static struct tiny_go file;
static char message[1024];
static int message_count;

static void keep_message(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	snprintf(message, sizeof(message), "%s", text);
	message_count++;
}

static struct elf_image *made_image(void)
{
	struct elf_image *image = NULL;

	CHECK_INT(elf_image_from_bytes(tiny_go_span(&file), "tiny", &image), 0);
	return image;
}

static struct go_binary *made_binary(const struct elf_image *image)
{
	struct go_binary *binary = NULL;

	CHECK_INT(go_binary_open(image, &binary), 0);
	return binary;
}

/* Runs `check` on every version's form of the file. */
static void for_every_form(void (*check)(const struct go_binary *binary, int minor))
{
	for (int form = 0; form < 9 * 4; form++) {
		struct elf_image *image AUTO_IMAGE = NULL;
		struct go_binary *binary AUTO_BINARY = NULL;
		int minor = 19 + form / 4;
		char version[16];
		struct tiny_go_options options = { minor, form & 1, form & 2, version };

		snprintf(version, sizeof(version), "go1.%d.3", minor);
		tiny_go_make(&file, &options);
		image = made_image();
		binary = made_binary(image);
		check(binary, minor);
	}
}

static void make(const char *version)
{
	struct tiny_go_options options = { 27, false, true, version };

	tiny_go_make(&file, &options);
}

static void check_refused(int expected, const char *sentence)
{
	struct elf_image *image AUTO_IMAGE = made_image();
	struct go_binary *binary = NULL;
	int error;

	message_count = 0;
	diag_set_sink(keep_message, NULL);
	error = go_binary_open(image, &binary);
	diag_set_sink(NULL, NULL);
	CHECK_INT(error, expected);
	CHECK(!binary);
	CHECK_INT(message_count, 1);
	CHECK_STRING(message, sentence);
}

static void check_module(const struct go_binary *binary, int minor)
{
	const struct go_module *module = go_binary_module(binary);

	CHECK_INT(go_binary_version(binary)->minor, minor);
	CHECK_INT(go_binary_version(binary)->patch, 3);
	CHECK_STRING(go_binary_path(binary), "example.com/tiny");
	CHECK_STRING(go_binary_setting(binary, "-buildmode"), "exe");
	CHECK_INT(module->address, file.base + TINY_MODULEDATA);
	CHECK_INT(module->text, file.base + TINY_TEXT);
	CHECK_INT(module->etext, file.base + TINY_TEXT + TINY_TEXT_BYTES);
	CHECK_INT(module->types, file.base + TINY_FUNCDATA + 0x100);
	CHECK_INT(module->etypes, file.base + TINY_FUNCDATA + 0x200);
	CHECK_INT(module->gofunc, file.base + TINY_FUNCDATA);
	CHECK_INT(module->typedesc_bytes, minor == 27 ? 0x20 : 0);
	CHECK_INT(module->typelinks, minor == 27 ? 0 : file.base + TINY_FUNCDATA + 0x180);
	CHECK_INT(module->typelink_count, minor == 27 ? 0 : 3);
}

TEST("moduledata is found in every version, as PIE or not, with and without sections")
{
	for_every_form(check_module);
}

static void check_functions(const struct go_binary *binary, int minor)
{
	static const char *const names[] = { "main.main", "main.dup", "main.dup", "main.(*T).Wrap",
					     "runtime.goexit" };
	static const uint32_t bounds[] = { 0, 0x40, 0x50, 0x90, 0xa0, 0xb0 };
	uint64_t text = file.base + TINY_TEXT;
	struct go_function function;

	CHECK_INT(go_binary_function_count(binary), 5);
	for (size_t i = 0; i < 5; i++) {
		CHECK_INT(go_binary_function(binary, i, &function), 0);
		CHECK_STRING(function.name, names[i]);
		CHECK_INT(function.entry, text + bounds[i]);
		CHECK_INT(function.end, text + bounds[i + 1]);
		CHECK_INT(function.index, i);
		CHECK_INT(go_binary_function_at(binary, text + bounds[i], &function), 0);
		CHECK_INT(function.index, i);
		CHECK_INT(go_binary_function_at(binary, text + bounds[i + 1] - 1, &function), 0);
		CHECK_INT(function.index, i);
		CHECK(go_binary_text(binary, &function).data == file.bytes + TINY_TEXT + bounds[i]);
		CHECK_INT(go_binary_text(binary, &function).length, bounds[i + 1] - bounds[i]);
	}
	CHECK_INT(function.start_line, minor == 19 ? 0 : 5);
	CHECK_INT(go_binary_function(binary, 5, &function), -ENOENT);
	CHECK_INT(go_binary_function_at(binary, text - 1, &function), -ENOENT);
	CHECK_INT(go_binary_function_at(binary, text + 0xb0, &function), -ENOENT);
	CHECK_INT(go_binary_function_at(binary, 0, &function), -ENOENT);
}

TEST("functions are listed and found by address in every version")
{
	for_every_form(check_functions);
}

static void check_search(const struct go_binary *binary, int minor)
{
	static const char *const names[] = { "runtime.goexit", "main.dup",  "main.inner",
					     "main",	       "main.main", "",
					     "runtime.goexit", "main.main2" };
	struct go_function found[8];

	(void)minor;
	CHECK_INT(go_binary_find_functions(binary, names, 8, found), 4);
	CHECK_STRING(found[0].name, "runtime.goexit");
	CHECK_INT(found[0].index, 4);
	CHECK_INT(found[1].index, 2); /* the larger of two */
	CHECK_INT(found[1].entry, file.base + TINY_TEXT + 0x50);
	CHECK(!found[2].name); /* only ever inlined */
	CHECK(!found[3].name);
	CHECK_INT(found[4].index, 0);
	CHECK(!found[5].name);
	CHECK_INT(found[6].index, 4); /* asked for twice */
	CHECK(!found[7].name);
	CHECK_INT(go_binary_find_functions(binary, names, 0, found), 0);
}

TEST("functions are found by exact name, the larger of two with the same")
{
	for_every_form(check_search);
}

static void check_frame(const struct go_frame *frame, const char *function, const char *file_name,
			uint32_t line, uint32_t start_line, bool inlined)
{
	CHECK_STRING(frame->function, function);
	CHECK_STRING(frame->file, file_name);
	CHECK_INT(frame->line, line);
	CHECK_INT(frame->start_line, start_line);
	CHECK_INT(frame->inlined, inlined);
	CHECK(!frame->wrapper);
	CHECK_INT(frame->entry, file.base + TINY_TEXT);
}

static void check_frames(const struct go_binary *binary, int minor)
{
	uint64_t text = file.base + TINY_TEXT;
	bool starts = minor > 19; /* start lines came with 1.20 */
	struct go_frame frames[8];

	for (uint64_t pc = text + 0x10; pc < text + 0x20; pc++) {
		CHECK_INT(go_binary_frames_at(binary, pc, frames, 8), 3);
		check_frame(&frames[0], "main.inner", "inner.go", 100, starts * 99, true);
		check_frame(&frames[1], "main.outer", "main.go", 50, starts * 48, true);
		check_frame(&frames[2], "main.main", "main.go", 12, starts * 9, false);
	}
	CHECK_INT(go_binary_frames_at(binary, text + 0x20, frames, 8), 2);
	check_frame(&frames[0], "main.outer", "main.go", 50, starts * 48, true);
	check_frame(&frames[1], "main.main", "main.go", 12, starts * 9, false);
	CHECK_INT(go_binary_frames_at(binary, text + 0x30, frames, 8), 1);
	check_frame(&frames[0], "main.main", "main.go", 12, starts * 9, false);
	CHECK_INT(go_binary_frames_at(binary, text, frames, 8), 1);
	check_frame(&frames[0], "main.main", "main.go", 10, starts * 9, false);
	CHECK_INT(go_binary_frames_at(binary, text + 0x18, frames, 2), 2);
	CHECK_INT(go_binary_frames_at(binary, text + 0x18, frames, 0), 0);
	CHECK_INT(go_binary_frames_at(binary, text + 0x90, frames, 8), 1);
	CHECK(frames[0].wrapper);
	CHECK_INT(go_binary_frames_at(binary, text - 1, frames, 8), 0);
	CHECK_INT(go_binary_frames_at(binary, text + 0xb0, frames, 8), 0);
}

TEST("inlining is undone in every version: functions, files, lines")
{
	for_every_form(check_frames);
}

TEST("what is no Go program, or of an unknown Go, is refused with one sentence")
{
	make("go1.27.3");
	memset(file.bytes + TINY_BUILDINFO, 0, 0x400);
	memset(file.bytes + TINY_SECTIONS, 0, 0x400);
	check_refused(-ENOENT, "'tiny' is not a Go program: it has no Go build information");
	make("go1.27.3");
	file.bytes[TINY_BUILDINFO + 15] = 0;
	check_refused(-ENOTSUP,
		      "'tiny' was built by Go 1.17 or older; heaptap knows Go 1.19 to 1.27");
	make("go1.18.10");
	check_refused(-ENOTSUP, "'tiny' was built by go1.18.10; heaptap knows Go 1.19 to 1.27");
	make("devel go1.28-1a2b3c");
	check_refused(-ENOTSUP,
		      "'tiny' was built by devel go1.28-1a2b3c; heaptap knows Go 1.19 to 1.27");
	make("unknown");
	check_refused(-EINVAL, "'tiny' does not tell which version of Go built it");
}

TEST("damaged tables are refused with one sentence")
{
	make("go1.27.3");
	file.bytes[TINY_PCLNTAB] = 0;
	check_refused(-EINVAL, "'tiny' has no readable table of Go functions (pclntab)");
	make("go1.27.3");
	file.bytes[TINY_PCLNTAB + 11] = 0x40; /* a billion functions */
	check_refused(-EINVAL, "'tiny' has no readable table of Go functions (pclntab)");
	make("go1.19.3"); /* with the tables of 1.27 */
	check_refused(-EINVAL,
		      "'tiny' has a table of Go functions (pclntab) of another version of Go");
	make("go1.27.3");
	file.bytes[TINY_MODULEDATA + 136]++; /* one function more than the pclntab has */
	check_refused(-EINVAL,
		      "'tiny' has no readable description for the Go runtime (moduledata)");
}

TEST("a damaged function entry loses that function only")
{
	struct elf_image *image AUTO_IMAGE = NULL;
	struct go_binary *binary AUTO_BINARY = NULL;
	struct go_function function;
	struct go_frame frames[8];

	make("go1.27.3");
	/* main.main's name; the _func offset of main.dup */
	tiny_put(&file, TINY_PCLNTAB + TINY_FUNCTAB + TINY_FUNCS + 4, 0x7fffffff, 4);
	tiny_put(&file, TINY_PCLNTAB + TINY_FUNCTAB + 8 + 4, 0xfffffff0, 4);
	/* runtime.goexit begins before main.(*T).Wrap, which then ends before it begins */
	tiny_put(&file, TINY_PCLNTAB + TINY_FUNCTAB + 8 * 4, 0x60, 4);
	image = made_image();
	binary = made_binary(image);
	CHECK_INT(go_binary_function(binary, 0, &function), -ERANGE);
	CHECK_INT(go_binary_function(binary, 1, &function), -ERANGE);
	CHECK_INT(go_binary_function(binary, 2, &function), 0);
	CHECK_INT(go_binary_function(binary, 3, &function), -ERANGE);
	CHECK_INT(go_binary_frames_at(binary, 0x401018, frames, 8), 3);
	CHECK_STRING(frames[0].function, "main.inner");
	CHECK_STRING(frames[2].function, "?");
	CHECK_INT(go_binary_frames_at(binary, 0x401040, frames, 8), 0);
}

TEST("a pc behind the end of its function's tables has no file and line")
{
	struct elf_image *image AUTO_IMAGE = NULL;
	struct go_binary *binary AUTO_BINARY = NULL;
	struct go_frame frame;

	make("go1.27.3");
	tiny_put(&file, TINY_PCLNTAB + TINY_VALUES + 28, 0x08, 1); /* shorter than main.dup */
	tiny_put(&file, TINY_PCLNTAB + TINY_VALUES + 31, 0x08, 1);
	image = made_image();
	binary = made_binary(image);
	CHECK_INT(go_binary_frames_at(binary, 0x401057, &frame, 1), 1);
	CHECK_STRING(frame.file, "main.go");
	CHECK_INT(frame.line, 7);
	CHECK_INT(go_binary_frames_at(binary, 0x401058, &frame, 1), 1);
	CHECK_STRING(frame.function, "main.dup");
	CHECK_STRING(frame.file, "");
	CHECK_INT(frame.line, 0);
}

TEST("tables that share a segment with text are found without section headers")
{
	struct tiny_go_options options = { 21, false, false, "go1.21.13" };
	struct elf_image *image AUTO_IMAGE = NULL;
	struct go_binary *binary AUTO_BINARY = NULL;
	struct go_function function;

	tiny_go_make(&file, &options);
	tiny_put_segment(&file, 0, PT_LOAD, PF_R | PF_X, TINY_TEXT, 0x2000);
	tiny_put_segment(&file, 1, PT_NULL, 0, 0, 0);
	image = made_image();
	binary = made_binary(image);
	CHECK_INT(go_binary_function_at(binary, 0x401050, &function), 0);
	CHECK_STRING(function.name, "main.dup");
}

TEST("an inline tree that goes round in circles ends")
{
	static struct go_frame frames[2 * LIMIT_INLINE_DEPTH];
	struct elf_image *image AUTO_IMAGE = NULL;
	struct go_binary *binary AUTO_BINARY = NULL;

	make("go1.27.3");
	tiny_put(&file, TINY_FUNCDATA + 16 + 8, 0x10, 4); /* main.inner is called by itself */
	image = made_image();
	binary = made_binary(image);
	CHECK_INT(go_binary_frames_at(binary, 0x401018, frames, 2 * LIMIT_INLINE_DEPTH),
		  LIMIT_INLINE_DEPTH);
	CHECK(!frames[LIMIT_INLINE_DEPTH - 1].inlined);
}
