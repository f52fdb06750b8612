/* Embedded files: lists as the compiler writes them, and one that is made to keep the reader busy.
 */
#include "target/embedded_files.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sha256.h"
#include "harness/test.h"

#define ADDRESS	     0x400000ULL
#define LIST	     128 /* where things are in the file */
#define LIST_FILES   64
#define NAME	     (LIST + 24 + 48 * LIST_FILES)
#define CONTENTS     (NAME + 8)
#define CONTENT_SIZE 32768
#define FILE_SIZE    (CONTENTS + CONTENT_SIZE)

DEFINE_CLEANUP(cleanup_image, struct elf_image, elf_image_free)
DEFINE_CLEANUP(cleanup_memory, struct image_memory, image_memory_free)

static uint8_t file[FILE_SIZE];

static void put(size_t offset, uint64_t value)
{
	memcpy(file + offset, &value, sizeof(value));
}

/* One segment, which is the whole file. */
static void make_elf(void)
{
	Elf64_Ehdr head = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(head),
		.e_ehsize = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	};
	Elf64_Phdr segment = {
		.p_type = PT_LOAD,
		.p_flags = PF_R,
		.p_vaddr = ADDRESS,
		.p_filesz = FILE_SIZE,
		.p_memsz = FILE_SIZE,
		.p_align = 4096,
	};

	memset(file, 0, sizeof(file));
	memcpy(file, &head, sizeof(head));
	memcpy(file + sizeof(head), &segment, sizeof(segment));
	for (size_t i = 0; i < CONTENT_SIZE; i++)
		file[CONTENTS + i] = (uint8_t)(i * 7 + i / 256);
}

/* `count` files "x", each of whose contents begins a byte behind the one's before, with the hashes
 * of Go 1.25: a byte 1 in front of what is longer than 1 KiB. */
static void make_list(size_t count)
{
	static const uint8_t one[] = { 1 };

	put(LIST, ADDRESS + LIST + 24);
	put(LIST + 8, count);
	put(LIST + 16, count);
	file[NAME] = 'x';
	for (size_t i = 0; i < count; i++) {
		size_t at = LIST + 24 + 48 * i;
		struct span contents = { file + CONTENTS + i, CONTENT_SIZE - i };
		uint8_t digest[SHA256_BYTES];

		sha256((struct span){ one, 1 }, contents, digest);
		put(at, ADDRESS + NAME);
		put(at + 8, 1);
		put(at + 16, ADDRESS + CONTENTS + i);
		put(at + 24, contents.length);
		memcpy(file + at + 32, digest, EMBEDDED_HASH_BYTES);
	}
}

static bool count_file(void *context, const struct embedded_file *found)
{
	CHECK(found->name.length == 1 && found->name.data[0] == 'x');
	++*(size_t *)context;
	return true;
}

static bool walk(size_t *ret_count)
{
	CLEANUP(cleanup_image) struct elf_image *image = NULL;
	CLEANUP(cleanup_memory) struct image_memory *memory = NULL;

	*ret_count = 0;
	CHECK_INT(elf_image_from_bytes((struct span){ file, FILE_SIZE }, "made", &image), 0);
	CHECK_INT(image_memory_new(image, &memory), 0);
	return embedded_files_walk(image, memory, count_file, ret_count);
}

TEST("embedded files are those of lists in which every hash is right")
{
	size_t count;

	make_elf();
	make_list(3);
	CHECK(walk(&count));
	CHECK_INT(count, 3);
	file[CONTENTS + 100] ^= 1;
	CHECK(walk(&count));
	CHECK_INT(count, 0);
}

TEST("embedded files that overlap many times are not hashed to the end, which is said")
{
	size_t count;

	make_elf();
	make_list(LIST_FILES);
	CHECK(!walk(&count));
	CHECK_INT(count, 0);
	make_list(EMBEDDED_HASHED_TIMES - 1);
	CHECK(walk(&count));
	CHECK_INT(count, EMBEDDED_HASHED_TIMES - 1);
}
