/*
 * The build information blob: a 32-byte header, then two strings with their lengths in front. The
 * second is a text of lines ("path\t...", "mod\t...", "build\tkey=value") between two 16-byte
 * marks; it is copied and cut into strings in place.
 */
#include "target/buildinfo.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "limits.h"
#include "target/go_version.h"

#define MAGIC	     "\xff Go buildinf:"
#define MAGIC_BYTES  14
#define HEADER_BYTES 32
#define FLAGS_OFFSET 15
#define FLAG_INLINE  2 /* the strings follow; Go 1.18 and later */
#define ALIGNMENT    16
#define MARK_BYTES   16 /* cmd/go/internal/modload infoStart, infoEnd */

struct buildinfo {
	struct go_version version;
	char *text; /* the lines, each NUL-terminated, up to text_bytes */
	size_t text_bytes;
	char *lines; /* the same, not cut within lines */
};

DEFINE_CLEANUP(cleanup_info, struct buildinfo, buildinfo_free)

void buildinfo_free(struct buildinfo *info)
{
	if (!info)
		return;
	free(info->text);
	free(info->lines);
	free(info);
}

/* A string with its length as uvarint in front; advances *offset. */
static int read_text(struct span bytes, uint64_t *offset, struct span *ret)
{
	uint32_t length;

	if (span_uvarint(bytes, offset, &length) < 0 || length > LIMIT_BUILDINFO_BYTES ||
	    !span_holds(bytes, *offset, length))
		return -EINVAL;
	*ret = span_sub(bytes, *offset, length);
	*offset += length;
	return 0;
}

/* The value of a setting as strconv.Quote wrote it, back to plain text in place. Rare escapes (\x,
 * \u) stay as they are: they are only shown. */
static void unquote(char *text)
{
	size_t length = strlen(text);
	char *to = text;

	if (length < 2 || text[0] != '"' || text[length - 1] != '"')
		return;
	text[length - 1] = 0;
	for (const char *from = text + 1; *from; from++) {
		if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		*to++ = *from;
	}
	*to = 0;
}

/* "build\tkey=value" becomes two strings, and so does "mod\tpath\tversion...". */
static void cut_line(char *line)
{
	char *cut = NULL;

	if (!strncmp(line, "build\t", 6))
		cut = strchr(line, '=');
	else if (!strncmp(line, "mod\t", 4))
		cut = strchr(line + 4, '\t');
	if (!cut)
		return;
	unquote(cut + 1);
	*cut = 0;
}

static void cut_lines(char *text, size_t length)
{
	char *line = text;

	for (size_t i = 0; i < length; i++) {
		if (text[i] != '\n')
			continue;
		text[i] = 0;
		cut_line(line);
		line = text + i + 1;
	}
}

static int keep_lines(struct buildinfo *info, struct span modules)
{
	struct span lines = { 0 };

	if (modules.length > 2 * MARK_BYTES &&
	    modules.data[modules.length - MARK_BYTES - 1] == '\n')
		lines = span_sub(modules, MARK_BYTES, modules.length - 2 * MARK_BYTES);
	info->text = calloc(1, lines.length + 1);
	info->lines = calloc(1, lines.length + 1);
	if (!info->text || !info->lines)
		return -ENOMEM;
	if (lines.length) {
		memcpy(info->text, lines.data, lines.length);
		memcpy(info->lines, lines.data, lines.length);
	}
	info->text_bytes = lines.length;
	for (size_t i = 0; i < lines.length; i++)
		if (info->lines[i] == '\n')
			info->lines[i] = 0;
	cut_lines(info->text, lines.length);
	return 0;
}

int buildinfo_parse(struct span bytes, struct buildinfo **ret)
{
	struct buildinfo *info CLEANUP(cleanup_info) = NULL;
	uint64_t offset = HEADER_BYTES;
	struct span version, modules;
	int error;

	if (!span_holds(bytes, 0, HEADER_BYTES) || memcmp(bytes.data, MAGIC, MAGIC_BYTES))
		return -EINVAL;
	if (!(bytes.data[FLAGS_OFFSET] & FLAG_INLINE))
		return -ENOTSUP;
	info = calloc(1, sizeof(*info));
	if (!info)
		return -ENOMEM;
	error = read_text(bytes, &offset, &version);
	if (error < 0 || (error = go_version_parse(version, &info->version)) < 0)
		return error;
	if (read_text(bytes, &offset, &modules) < 0)
		modules = (struct span){ 0 };
	error = keep_lines(info, modules);
	if (error < 0)
		return error;
	*ret = TAKE(info);
	return 0;
}

/* Programs that read build information hold the magic too, so a hit counts only when it parses. */
static int scan_segment(const struct elf_image *image, const struct elf_segment *segment,
			struct buildinfo **ret)
{
	struct span bytes = elf_image_at(image, segment->address);
	uint64_t offset = 0;

	while (offset < bytes.length) {
		const uint8_t *hit =
			memmem(bytes.data + offset, bytes.length - offset, MAGIC, MAGIC_BYTES);

		if (!hit)
			break;
		offset = (uint64_t)(hit - bytes.data);
		if ((segment->address + offset) % ALIGNMENT == 0) {
			int error = buildinfo_parse(span_from(bytes, offset), ret);

			if (error != -EINVAL)
				return error;
		}
		offset++;
	}
	return -ENOENT;
}

/* The linker puts it into the data segment: that one first, the others are megabytes of text. */
static int scan_segments(const struct elf_image *image, bool writable, struct buildinfo **ret)
{
	struct elf_segment segment;

	for (size_t i = 0; elf_image_segment(image, i, &segment); i++) {
		int error =
			segment.writable == writable ? scan_segment(image, &segment, ret) : -ENOENT;

		if (error != -ENOENT)
			return error;
	}
	return -ENOENT;
}

int buildinfo_find(const struct elf_image *image, struct buildinfo **ret)
{
	struct span section = elf_image_section(image, ".go.buildinfo", NULL);
	int error;

	if (section.length)
		return buildinfo_parse(section, ret);
	error = scan_segments(image, true, ret);
	return error == -ENOENT ? scan_segments(image, false, ret) : error;
}

const struct go_version *buildinfo_version(const struct buildinfo *info)
{
	return &info->version;
}

/* What follows `start` in the first string that begins with it; NULL when none does. */
static const char *find_string(const struct buildinfo *info, const char *start, size_t length)
{
	for (size_t at = 0; at < info->text_bytes; at += strlen(info->text + at) + 1)
		if (at + length <= info->text_bytes && !memcmp(info->text + at, start, length))
			return info->text + at + length;
	return NULL;
}

const char *buildinfo_path(const struct buildinfo *info)
{
	const char *path = find_string(info, "mod\t", 4);

	if (!path)
		path = find_string(info, "path\t", 5);
	return path ? path : "";
}

const char *buildinfo_setting(const struct buildinfo *info, const char *key)
{
	char start[256];
	int length = snprintf(start, sizeof(start), "build\t%s", key);

	/* the key's NUL belongs to it: the value is the string behind */
	return length < (int)sizeof(start) ? find_string(info, start, (size_t)length + 1) : NULL;
}

const char *buildinfo_line(const struct buildinfo *info, size_t *at)
{
	const char *line = info->lines + *at;

	if (*at >= info->text_bytes)
		return NULL;
	*at += strlen(line) + 1;
	return line;
}
