/* DWARF of an untrusted executable, through libdw. The input is a whole ELF file; a corpus of small
 * unstripped Go programs gets furthest. */
#include <stddef.h>
#include <stdint.h>

#include "quiet.h"
#include "target/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_image *image = NULL;
	struct layout layout;

	if (elf_image_from_bytes((struct span){ data, size }, "input", &image) == 0)
		layout_from_dwarf(image, &layout);
	elf_image_free(image);
	return 0;
}
