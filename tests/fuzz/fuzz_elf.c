/* Executables as a whole: any bytes, or a small Go executable with any damage, and then everything
 * that can be asked of it. */
#include <stdlib.h>

#include "quiet.h"
#include "patched_go.h"
#include "target/go_binary.h"
#include "target/runtime_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_image(const struct elf_image *image)
{
	struct elf_segment segment;
	uint64_t address, bytes;

	for (size_t i = 0; elf_image_segment(image, i, &segment); i++) {
		elf_image_at(image, segment.address + segment.file_bytes / 2);
		elf_image_file_offset(image, segment.address - 1, &bytes);
	}
	elf_image_section(image, ".go.buildinfo", &address);
	elf_image_symbol(image, "runtime.firstmoduledata", &address, &bytes);
	elf_image_relocations(image);
}

static void ask_binary(const struct go_binary *binary)
{
	static const char *const names[] = { "main.main", "main.dup", "runtime.goexit" };
	struct go_function found[3], function;
	uint64_t text = go_binary_module(binary)->text;
	struct text_range ranges[LIMIT_RUNTIME_RANGES];
	struct go_frame frames[300];

	go_binary_find_functions(binary, names, 3, found);
	for (size_t i = 0; i < go_binary_function_count(binary) && i < 64; i++)
		if (go_binary_function(binary, i, &function) == 0)
			go_binary_text(binary, &function);
	for (uint64_t pc = text - 1; pc < text + 0xc0; pc += 7) {
		go_binary_function_at(binary, pc, &function);
		go_binary_frames_at(binary, pc, frames, 300);
	}
	runtime_text_find(binary, ranges);
	go_binary_path(binary);
	go_binary_setting(binary, "-ldflags");
}

static void ask(struct span bytes)
{
	struct elf_image *image = NULL;
	struct go_binary *binary = NULL;

	if (elf_image_from_bytes(bytes, "fuzz", &image) < 0)
		return;
	ask_image(image);
	if (go_binary_open(image, &binary) == 0)
		ask_binary(binary);
	go_binary_free(binary);
	elf_image_free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tiny_go_options options;
	struct tiny_go *go;

	if (!size || data[0] == 0x7f) { /* as it is: "\x7f" "ELF" */
		ask((struct span){ data, size });
		return 0;
	}
	go = malloc(sizeof(*go)); /* so that ASan sees its ends */
	options = patched_form(data[0]);
	tiny_go_make(go, &options);
	patch(go, 0, TINY_BYTES, data + 1, size - 1);
	ask(tiny_go_span(go));
	free(go);
	return 0;
}
