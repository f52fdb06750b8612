/* ELF images: what is found in a sound file, and the one sentence for each that is not. */
#include "target/elf_image.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "harness/test.h"
#include "harness/tiny_go.h"

DEFINE_CLEANUP(cleanup_image, struct elf_image, elf_image_free)
#define AUTO_IMAGE CLEANUP(cleanup_image)

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

static void make(bool pie, bool sections)
{
	struct tiny_go_options options = { 27, pie, sections, "go1.27.3" };

	tiny_go_make(&file, &options);
}

static struct elf_image *open_made(void)
{
	struct elf_image *image = NULL;

	CHECK_INT(elf_image_from_bytes(tiny_go_span(&file), "tiny", &image), 0);
	return image;
}

/* Opens `bytes`, which must be refused with one sentence that says `why`. */
static void check_refused(struct span bytes, const char *why)
{
	struct elf_image *image = NULL;
	int error;

	message_count = 0;
	diag_set_sink(keep_message, NULL);
	error = elf_image_from_bytes(bytes, "tiny", &image);
	diag_set_sink(NULL, NULL);
	CHECK(error < 0);
	CHECK(!image);
	CHECK_INT(message_count, 1);
	if (!strstr(message, why))
		test_fail(__FILE__, __LINE__, "'%s' does not say '%s'", message, why);
}

static void check_byte_refused(size_t offset, uint8_t value, const char *why)
{
	make(false, true);
	file.bytes[offset] = value;
	check_refused(tiny_go_span(&file), why);
}

TEST("an ELF image lists its loadable segments with their rights")
{
	struct elf_image *image AUTO_IMAGE = NULL;
	struct elf_segment segment;

	make(false, true);
	image = open_made();
	CHECK(!elf_image_is_pie(image));
	CHECK_STRING(elf_image_label(image), "tiny");
	CHECK(elf_image_segment(image, 0, &segment));
	CHECK_INT(segment.address, 0x401000);
	CHECK_INT(segment.file_offset, 0x1000);
	CHECK_INT(segment.file_bytes, 0x1000);
	CHECK(segment.executable && !segment.writable);
	CHECK(elf_image_segment(image, 2, &segment));
	CHECK(!segment.executable && segment.writable);
	CHECK(!elf_image_segment(image, 3, &segment)); /* PT_DYNAMIC does not count */
}

TEST("sections are found by name, and those without bytes are empty")
{
	struct elf_image *image AUTO_IMAGE = NULL;
	uint64_t address = 0;
	struct span bytes;

	make(false, true);
	image = open_made();
	bytes = elf_image_section(image, ".gopclntab", &address);
	CHECK(bytes.data == file.bytes + TINY_PCLNTAB);
	CHECK_INT(bytes.length, 0x800);
	CHECK_INT(address, 0x402000);
	CHECK_INT(elf_image_section(image, ".bss", NULL).length, 0);
	CHECK_INT(elf_image_section(image, ".gopclnta", NULL).length, 0);
	CHECK_INT(elf_image_section(image, "", NULL).length, 0);
}

TEST("addresses lead to bytes and file offsets up to the end of their segment")
{
	struct elf_image *image AUTO_IMAGE = NULL;
	uint64_t offset = 0;
	struct span bytes;

	make(false, false);
	image = open_made();
	bytes = elf_image_at(image, 0x401ff0);
	CHECK(bytes.data == file.bytes + 0x1ff0);
	CHECK_INT(bytes.length, 0x10);
	CHECK_INT(elf_image_file_offset(image, 0x401fff, &offset), 0);
	CHECK_INT(offset, 0x1fff);
	CHECK_INT(elf_image_file_offset(image, 0x400fff, &offset), -ENOENT);
	CHECK_INT(elf_image_file_offset(image, 0x404000, &offset), -ENOENT);
	CHECK_INT(elf_image_at(image, 0).length, 0);
	CHECK_INT(elf_image_at(image, UINT64_MAX).length, 0);
}

TEST("symbols are found when there are some")
{
	struct elf_image *image AUTO_IMAGE = NULL;
	struct elf_image *stripped AUTO_IMAGE = NULL;
	uint64_t address = 0, bytes = 0;

	make(false, true);
	image = open_made();
	CHECK_INT(elf_image_symbol(image, "runtime.firstmoduledata", &address, &bytes), 0);
	CHECK_INT(address, 0x403400);
	CHECK_INT(bytes, 568);
	CHECK_INT(elf_image_symbol(image, "main.main", &address, NULL), 0);
	CHECK_INT(address, 0x401000);
	CHECK_INT(elf_image_symbol(image, "main.mai", &address, NULL), -ENOENT);
	make(false, false);
	stripped = open_made();
	CHECK_INT(elf_image_symbol(stripped, "main.main", &address, NULL), -ENOENT);
}

TEST("the symbols of this very program are where the program says")
{
	int fd AUTO_CLOSE = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct elf_image *image AUTO_IMAGE = NULL;
	uint64_t here = 0, there = 0, offset = 0;
	struct span bytes;

	CHECK(fd >= 0);
	CHECK_INT(elf_image_open(fd, "self", &image), 0);
	CHECK_INT(elf_image_symbol(image, "elf_image_at", &here, NULL), 0);
	CHECK_INT(elf_image_symbol(image, "elf_image_open", &there, NULL), 0);
	CHECK_INT(there - here, (uintptr_t)elf_image_open - (uintptr_t)elf_image_at);
	bytes = elf_image_at(image, here);
	CHECK(bytes.length > 16);
	CHECK(!memcmp(bytes.data, (void *)elf_image_at, 16));
	CHECK_INT(elf_image_file_offset(image, here, &offset), 0);
	CHECK(elf_image_bytes(image).data + offset == bytes.data);
	elf_image_release_pages(image);
	CHECK(!memcmp(bytes.data, (void *)elf_image_at, 16)); /* only dropped, not lost */
}

TEST("relocations are found through the dynamic segment, with and without sections")
{
	for (int sections = 0; sections < 2; sections++) {
		struct elf_image *image AUTO_IMAGE = NULL;
		struct span bytes;

		make(true, sections);
		image = open_made();
		CHECK(elf_image_is_pie(image));
		bytes = elf_image_relocations(image);
		CHECK(bytes.data == file.bytes + TINY_RELOCATIONS);
		CHECK_INT(bytes.length, file.relocation_count * 24);
		CHECK(file.relocation_count > 5);
	}
}

TEST("a file that is no x86-64 executable is refused with the reason")
{
	check_refused((struct span){ 0 }, "not an ELF");
	check_refused((struct span){ (const uint8_t *)"#!/bin/sh\n", 10 }, "not an ELF");
	check_byte_refused(EI_CLASS, ELFCLASS32, "32-bit");
	check_byte_refused(EI_DATA, ELFDATA2MSB, "big-endian");
	check_byte_refused(18, EM_AARCH64, "x86-64");
	check_byte_refused(16, ET_REL, "not an executable");
	check_byte_refused(16, ET_CORE, "not an executable");
	check_byte_refused(56, 0, "no program headers"); /* e_phnum */
	check_byte_refused(57, 0xff, "program headers");
}

TEST("a directory and an empty file are refused with the reason")
{
	int folder AUTO_CLOSE = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int empty AUTO_CLOSE = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct elf_image *image = NULL;

	diag_set_sink(keep_message, NULL);
	CHECK(elf_image_open(folder, "/", &image) < 0);
	CHECK_STRING(message, "'/' is not a file");
	if (empty >= 0) {
		CHECK(elf_image_open(empty, "none", &image) < 0);
		CHECK_STRING(message, "'none' is empty");
	}
	diag_set_sink(NULL, NULL);
}

TEST("a file cut off anywhere inside its segments is refused as truncated")
{
	make(false, true);
	for (size_t length = 4; length < 0x4000; length += length < 0x200 ? 1 : 0x55)
		check_refused((struct span){ file.bytes, length }, "truncated");
}

TEST("damaged section headers leave an image without sections")
{
	static const size_t damage[][2] = {
		{ 40, 0xff },				 /* e_shoff */
		{ 47, 0xff },				 /* e_shoff, high byte */
		{ 58, 0x41 },				 /* e_shentsize */
		{ 62, 0x77 },				 /* e_shstrndx */
		{ TINY_SECTIONS + 6 * 64 + 0x1f, 0xff }, /* offset of the names */
	};

	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		struct elf_image *image AUTO_IMAGE = NULL;
		uint64_t address;

		make(false, true);
		file.bytes[damage[i][0]] = (uint8_t)damage[i][1];
		image = open_made();
		CHECK_INT(elf_image_section(image, ".gopclntab", &address).length, 0);
		CHECK_INT(elf_image_symbol(image, "main.main", &address, NULL), -ENOENT);
		CHECK_INT(elf_image_at(image, 0x402000).length, 0x1000);
	}
}
