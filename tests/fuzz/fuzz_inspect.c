/*
 * Everything that is read out of an executable for `heaptap inspect`: a small Go executable with
 * any damage, or - when the first byte is 0xff - a file of one segment with any bytes, in which
 * embedded files are looked for.
 */
#include <assert.h>
#include <elf.h>
#include <stdlib.h>

#include "quiet.h"
#include "patched_go.h"
#include "target/embedded_files.h"
#include "target/inspect.h"
#include "view/inspect.h"

#define SEGMENT_BASE 0x10000U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const struct inspection_section *section)
{
	struct inspection inspection = { .label = "fuzz", .count = 1 };
	struct inspection_section copy = *section;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert(out);
	inspection.sections = &copy;
	view_inspection_text(out, &inspection, 10, 0);
	view_inspection_json(out, &inspection, 0);
	fclose(out);
	free(text);
}

static void ask_sections(const struct elf_image *image)
{
	struct inspector *inspector = NULL;

	if (inspector_of_image(image, &inspector) < 0)
		return;
	for (size_t i = 0; inspector_shape(i); i++) {
		struct inspection_section section;

		if (inspector_read(inspector, i, &section) == 0)
			print(&section);
		inspection_section_clear(&section);
	}
	inspector_free(inspector);
}

static void ask_go(const uint8_t *data, size_t size)
{
	struct tiny_go_options options = patched_form(data[0]);
	struct tiny_go *go = malloc(sizeof(*go));
	struct elf_image *image = NULL;

	assert(go);
	tiny_go_make(go, &options);
	patch(go, 0, TINY_BYTES, data + 1, size - 1);
	if (elf_image_from_bytes(tiny_go_span(go), "fuzz", &image) == 0)
		ask_sections(image);
	elf_image_free(image);
	free(go);
}

static bool look_at_file(void *context, const struct embedded_file *file)
{
	size_t *sum = context;

	for (size_t i = 0; i < file->name.length; i++)
		*sum += file->name.data[i];
	for (size_t i = 0; i < file->bytes.length; i++)
		*sum += file->bytes.data[i];
	return true;
}

static void ask_embeds(const uint8_t *data, size_t size)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segment;
	} head = {
		.header = { .e_ident = ELFMAG "\2\1\1",
			    .e_type = ET_EXEC,
			    .e_machine = EM_X86_64,
			    .e_phoff = sizeof(Elf64_Ehdr),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 1 },
		.segment = { PT_LOAD, PF_R, sizeof(head), SEGMENT_BASE, 0, size, size, 8 },
	};
	uint8_t *bytes = malloc(sizeof(head) + size);
	struct image_memory *memory = NULL;
	struct elf_image *image = NULL;
	size_t sum = 0;

	assert(bytes);
	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), data, size);
	if (elf_image_from_bytes((struct span){ bytes, sizeof(head) + size }, "fuzz", &image) ==
		    0 &&
	    image_memory_new(image, &memory) == 0)
		embedded_files_walk(image, memory, look_at_file, &sum);
	image_memory_free(memory);
	elf_image_free(image);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] == 0xff)
		ask_embeds(data + 1, size - 1);
	else if (size)
		ask_go(data, size);
	return 0;
}
