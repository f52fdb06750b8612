/*
 * A Go executable seen statically: opens the parts in order - build info, pclntab, moduledata - and
 * answers in link-time addresses. How each part is found and read is in the file of its name.
 */
#include "target/go_binary.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "target/buildinfo.h"
#include "target/function_search.h"
#include "target/go_version.h"
#include "target/inline_tree.h"
#include "target/moduledata.h"
#include "target/pclntab.h"

struct go_binary {
	const struct elf_image *image;
	struct buildinfo *info;
	struct pclntab table;
	struct go_module module;
	struct span funcdata; /* from module.gofunc */
};

DEFINE_CLEANUP(cleanup_binary, struct go_binary, go_binary_free)

/* EINVAL and ENOTSUP would be explained a second time by diag_fail; the sentence says it all. */
static int refuse(int error, const struct elf_image *image, const char *why)
{
	diag_fail(-EINVAL, "'%s' %s", elf_image_label(image), why);
	return error;
}

static int open_info(const struct elf_image *image, struct buildinfo **ret)
{
	int error = buildinfo_find(image, ret);

	if (error == -ENOENT)
		return refuse(error, image, "is not a Go program: it has no Go build information");
	if (error == -ENOTSUP)
		return refuse(error, image,
			      "was built by Go 1.17 or older; heaptap knows Go 1.19 "
			      "to 1.27");
	if (error == -EINVAL)
		return refuse(error, image, "does not tell which version of Go built it");
	return error < 0 ? diag_fail(error, "cannot read '%s'", elf_image_label(image)) : 0;
}

static int check_version(const struct go_binary *binary)
{
	const struct go_version *version = buildinfo_version(binary->info);

	if (go_version_supported(version))
		return 0;
	diag_fail(-EINVAL, "'%s' was built by %s; heaptap knows Go 1.%d to 1.%d",
		  elf_image_label(binary->image), version->text, GO_MINOR_OLDEST, GO_MINOR_NEWEST);
	return -ENOTSUP;
}

static int open_tables(struct go_binary *binary)
{
	const struct go_version *version = buildinfo_version(binary->info);

	if (pclntab_find(binary->image, &binary->table) < 0)
		return refuse(-EINVAL, binary->image,
			      "has no readable table of Go functions (pclntab)");
	if (binary->table.oldest != (version->minor < 20))
		return refuse(-EINVAL, binary->image,
			      "has a table of Go functions (pclntab) of another version of Go");
	if (moduledata_find(binary->image, &binary->table, version, &binary->module) < 0)
		return refuse(-EINVAL, binary->image,
			      "has no readable description for the Go runtime (moduledata)");
	binary->funcdata = elf_image_at(binary->image, binary->module.gofunc);
	return 0;
}

int go_binary_open(const struct elf_image *image, struct go_binary **ret)
{
	struct go_binary *binary CLEANUP(cleanup_binary) = calloc(1, sizeof(*binary));
	int error;

	if (!binary)
		return diag_fail(-ENOMEM, "cannot read '%s'", elf_image_label(image));
	binary->image = image;
	error = open_info(image, &binary->info);
	if (error == 0)
		error = check_version(binary);
	if (error == 0)
		error = open_tables(binary);
	elf_image_release_pages(image); /* a search without section headers touched megabytes */
	if (error == 0)
		*ret = TAKE(binary);
	return error;
}

void go_binary_free(struct go_binary *binary)
{
	if (!binary)
		return;
	buildinfo_free(binary->info);
	free(binary);
}

const struct elf_image *go_binary_image(const struct go_binary *binary)
{
	return binary->image;
}

const struct go_version *go_binary_version(const struct go_binary *binary)
{
	return buildinfo_version(binary->info);
}

const struct go_module *go_binary_module(const struct go_binary *binary)
{
	return &binary->module;
}

const struct pclntab *go_binary_table(const struct go_binary *binary)
{
	return &binary->table;
}

struct span go_binary_funcdata(const struct go_binary *binary)
{
	return binary->funcdata;
}

const char *go_binary_path(const struct go_binary *binary)
{
	return buildinfo_path(binary->info);
}

const char *go_binary_setting(const struct go_binary *binary, const char *key)
{
	return buildinfo_setting(binary->info, key);
}

size_t go_binary_function_count(const struct go_binary *binary)
{
	return binary->table.function_count;
}

int go_binary_function(const struct go_binary *binary, size_t index, struct go_function *ret)
{
	struct pclntab_function function;
	const char *name;

	if (index >= binary->table.function_count)
		return -ENOENT;
	if (pclntab_function(&binary->table, (uint32_t)index, &function) < 0)
		return -ERANGE;
	name = pclntab_name(&binary->table, function.name);
	if (!name)
		return -ERANGE;
	*ret = (struct go_function){
		.entry = binary->module.text + function.entry,
		.end = binary->module.text + function.end,
		.name = name,
		.start_line = function.start_line,
		.index = (uint32_t)index,
	};
	return 0;
}

/* The text offset of a pc and the index of its function. */
static int search(const struct go_binary *binary, uint64_t pc, uint32_t *ret_offset,
		  uint32_t *ret_index)
{
	uint64_t offset = pc - binary->module.text;

	if (pc < binary->module.text || offset > UINT32_MAX)
		return -ENOENT;
	*ret_offset = (uint32_t)offset;
	return pclntab_search(&binary->table, *ret_offset, ret_index);
}

int go_binary_function_at(const struct go_binary *binary, uint64_t pc, struct go_function *ret)
{
	uint32_t offset, index;
	int error = search(binary, pc, &offset, &index);

	return error < 0 ? error : go_binary_function(binary, index, ret);
}

static void keep_larger(const struct go_binary *binary, uint32_t index, struct go_function *kept)
{
	struct go_function function;

	if (go_binary_function(binary, index, &function) < 0)
		return;
	if (!kept->name || function.end - function.entry > kept->end - kept->entry)
		*kept = function;
}

size_t go_binary_find_functions(const struct go_binary *binary, const char *const *names,
				size_t count, struct go_function *found)
{
	struct function_match *matches AUTO_FREE = NULL;
	size_t match_count = 0, found_count = 0;

	memset(found, 0, count * sizeof(*found));
	if (function_search(&binary->table, names, count, &matches, &match_count) < 0)
		return 0;
	for (size_t i = 0; i < match_count; i++)
		keep_larger(binary, matches[i].index, &found[matches[i].name]);
	for (size_t i = 0; i < count; i++)
		found_count += found[i].name != NULL;
	elf_image_release_pages(binary->image);
	return found_count;
}

size_t go_binary_frames_at(const struct go_binary *binary, uint64_t pc, struct go_frame *frames,
			   size_t max)
{
	struct pclntab_function function;
	uint32_t offset, index;

	if (search(binary, pc, &offset, &index) < 0 ||
	    pclntab_function(&binary->table, index, &function) < 0)
		return 0;
	return inline_tree_frames(&binary->table, binary->funcdata,
				  go_binary_version(binary)->minor, &function,
				  binary->module.text + function.entry, offset, frames, max);
}

uint64_t go_binary_code_bytes(const struct go_binary *binary, const struct go_function *function)
{
	struct pclntab_function entry;

	if (pclntab_function(&binary->table, function->index, &entry) < 0)
		return function->end - function->entry;
	return pclntab_code_end(&binary->table, &entry) - entry.entry;
}

uint64_t go_binary_table_bytes(const struct go_binary *binary)
{
	uint64_t end = binary->module.pclntab_end, begin = binary->table.address;

	return end > begin ? end - begin : 0;
}

struct span go_binary_text(const struct go_binary *binary, const struct go_function *function)
{
	struct span from = elf_image_at(binary->image, function->entry);

	return span_sub(from, 0, function->end - function->entry);
}

struct span go_binary_names(const struct go_binary *binary)
{
	return binary->table.names;
}
