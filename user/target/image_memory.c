/* Reads copy the file's bytes and then overwrite the words that have a relocation, which are found
 * by bisection: tens of thousands in a small PIE. */
#include "target/image_memory.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

struct image_memory {
	const struct elf_image *image;
	struct memory reader;
	struct image_pointer *pointers;
	size_t count;
};

DEFINE_CLEANUP(cleanup_memory, struct image_memory, image_memory_free)

void image_memory_free(struct image_memory *memory)
{
	if (!memory)
		return;
	free(memory->pointers);
	free(memory);
}

static int by_address(const void *left, const void *right)
{
	const struct image_pointer *a = left, *b = right;

	return (a->address > b->address) - (a->address < b->address);
}

static int collect_pointers(struct image_memory *memory)
{
	struct span table = elf_image_relocations(memory->image);
	size_t count = table.length / sizeof(Elf64_Rela);

	memory->pointers = calloc(count + 1, sizeof(*memory->pointers));
	if (!memory->pointers)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		Elf64_Rela relocation;

		memcpy(&relocation, table.data + i * sizeof(relocation), sizeof(relocation));
		if (ELF64_R_TYPE(relocation.r_info) == R_X86_64_RELATIVE)
			memory->pointers[memory->count++] =
				(struct image_pointer){ relocation.r_offset,
							(uint64_t)relocation.r_addend };
	}
	qsort(memory->pointers, memory->count, sizeof(*memory->pointers), by_address);
	return 0;
}

/* Index of the first pointer whose last byte is at or behind `address`. */
static size_t first_pointer(const struct image_memory *memory, uint64_t address)
{
	size_t low = 0, high = memory->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memory->pointers[middle].address + sizeof(uint64_t) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void apply(const struct image_pointer *pointer, const struct memory_piece *piece)
{
	const uint8_t *value = (const uint8_t *)&pointer->value;
	uint8_t *buffer = piece->buffer;

	for (size_t i = 0; i < sizeof(pointer->value); i++) {
		uint64_t at = pointer->address + i - piece->address;

		if (at < piece->length)
			buffer[at] = value[i];
	}
}

static int read_piece(const struct image_memory *memory, const struct memory_piece *piece)
{
	struct span bytes = elf_image_at(memory->image, piece->address);

	if (piece->length == 0)
		return 0;
	if (!span_holds(bytes, 0, piece->length))
		return -EFAULT;
	memcpy(piece->buffer, bytes.data, piece->length);
	for (size_t i = first_pointer(memory, piece->address);
	     i < memory->count && memory->pointers[i].address < piece->address + piece->length; i++)
		apply(&memory->pointers[i], piece);
	return 0;
}

static int read_pieces(void *context, const struct memory_piece *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int error = read_piece(context, &pieces[i]);

		if (error < 0)
			return error;
	}
	return 0;
}

int image_memory_new(const struct elf_image *image, struct image_memory **ret)
{
	struct image_memory *memory CLEANUP(cleanup_memory) = calloc(1, sizeof(*memory));
	int error;

	if (!memory)
		return -ENOMEM;
	memory->image = image;
	memory->reader = (struct memory){ .read = read_pieces, .context = memory };
	error = collect_pointers(memory);
	if (error == 0)
		*ret = TAKE(memory);
	return error;
}

struct memory *image_memory_reader(struct image_memory *memory)
{
	return &memory->reader;
}

const struct image_pointer *image_memory_pointers(const struct image_memory *memory,
						  size_t *ret_count)
{
	*ret_count = memory->count;
	return memory->pointers;
}
