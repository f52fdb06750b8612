/* Build information and version strings, as toolchains of many makers write them. */
#include "target/buildinfo.h"

#include "base/cleanup.h"
#include "harness/test.h"
#include "harness/tiny_go.h"
#include "target/go_version.h"

DEFINE_CLEANUP(cleanup_info, struct buildinfo, buildinfo_free)
DEFINE_CLEANUP(cleanup_image, struct elf_image, elf_image_free)

static struct tiny_go file;

static void make(bool sections)
{
	struct tiny_go_options options = { 23, false, sections, "go1.23.5" };

	tiny_go_make(&file, &options);
}

static struct span text_span(const char *text)
{
	return (struct span){ (const uint8_t *)text, strlen(text) };
}

static void check_version(const char *text, int minor, int patch, bool supported)
{
	struct go_version version;

	CHECK_INT(go_version_parse(text_span(text), &version), 0);
	CHECK_STRING(version.text, text);
	CHECK_INT(version.major, 1);
	CHECK_INT(version.minor, minor);
	CHECK_INT(version.patch, patch);
	CHECK_INT(go_version_supported(&version), supported);
}

TEST("every way in which a toolchain writes its version is understood")
{
	check_version("go1.19", 19, 0, true);
	check_version("go1.23.5", 23, 5, true);
	check_version("go1.21rc2", 21, 0, true);
	check_version("go1.25-abc123 X:nogreenteagc", 25, 0, true);
	check_version("go1.26.1-X:foo", 26, 1, true);
	check_version("go1.24.3 (Red Hat 1.24.3-1.el9)", 24, 3, true);
	check_version("devel go1.27-1a2b3c4d Mon Jan 5 10:00:00 2026", 27, 0, true);
	check_version("devel go1.28-1a2b3c4d Mon Jan 5 10:00:00 2026", 28, 0, false);
	check_version("go1.18.10", 18, 10, false);
	check_version("go1.28", 28, 0, false);
	check_version("go1.100.2", 100, 2, false);
}

TEST("text without a version is no version")
{
	static const char *const texts[] = { "",	 "unknown",	"go",	   "go1",
					     "go1.",	 "gox.23",	"go1.23.", "1.23.5",
					     "go1.x",	 "devel +1a2b", "go-1.23", "go1.9999999",
					     "go1.23\n", "go 1.23" };
	struct go_version version;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (go_version_parse(text_span(texts[i]), &version) != -EINVAL)
			test_fail(__FILE__, __LINE__, "'%s' was taken for a version", texts[i]);
}

TEST("a Go that is not Go 1 is not supported")
{
	struct go_version version;

	CHECK_INT(go_version_parse(text_span("go2.21.0"), &version), 0);
	CHECK(!go_version_supported(&version));
}

TEST("a very long version is cut to what fits")
{
	struct go_version version;
	char text[300] = "go1.25-";

	memset(text + 7, 'a', sizeof(text) - 8);
	CHECK_INT(go_version_parse(text_span(text), &version), 0);
	CHECK_INT(strlen(version.text), sizeof(version.text) - 1);
	CHECK_INT(version.minor, 25);
}

TEST("build info tells version, module and settings")
{
	struct buildinfo *info CLEANUP(cleanup_info) = NULL;
	struct elf_image *image CLEANUP(cleanup_image) = NULL;

	make(true);
	CHECK_INT(elf_image_from_bytes(tiny_go_span(&file), "tiny", &image), 0);
	CHECK_INT(buildinfo_find(image, &info), 0);
	CHECK_STRING(buildinfo_version(info)->text, "go1.23.5");
	CHECK_STRING(buildinfo_path(info), "example.com/tiny");
	CHECK_STRING(buildinfo_setting(info, "-buildmode"), "exe");
	CHECK_STRING(buildinfo_setting(info, "-ldflags"), "-s -w -X \"a=b\"");
	CHECK_STRING(buildinfo_setting(info, "CGO_ENABLED"), "0");
	CHECK(!buildinfo_setting(info, "CGO_ENABLE"));
	CHECK(!buildinfo_setting(info, "CGO_ENABLED=0"));
	CHECK(!buildinfo_setting(info, "0"));
	CHECK(!buildinfo_setting(info, ""));
}

TEST("without section headers build info is found by its magic, past false ones")
{
	struct buildinfo *info CLEANUP(cleanup_info) = NULL;
	struct elf_image *image CLEANUP(cleanup_image) = NULL;

	make(false);
	memmove(file.bytes + 0x3b00, file.bytes + TINY_BUILDINFO, 0x400);    /* over unused space */
	memcpy(file.bytes + TINY_BUILDINFO + 32, "\x03zzz", 4);		     /* no version */
	memcpy(file.bytes + TINY_BUILDINFO + 0x88, "\xff Go buildinf:", 14); /* not aligned */
	CHECK_INT(elf_image_from_bytes(tiny_go_span(&file), "tiny", &image), 0);
	CHECK_INT(buildinfo_find(image, &info), 0);
	CHECK_STRING(buildinfo_version(info)->text, "go1.23.5");
	CHECK_STRING(buildinfo_path(info), "example.com/tiny");
}

TEST("a program without build info is told apart from one of old Go and a damaged one")
{
	struct elf_image *image CLEANUP(cleanup_image) = NULL;
	struct span blob = { file.bytes + TINY_BUILDINFO, 0x400 };
	struct buildinfo *info = NULL;

	make(false);
	CHECK_INT(elf_image_from_bytes(tiny_go_span(&file), "tiny", &image), 0);
	file.bytes[TINY_BUILDINFO + 15] = 0; /* pointers instead of strings: Go 1.17 */
	CHECK_INT(buildinfo_parse(blob, &info), -ENOTSUP);
	CHECK_INT(buildinfo_find(image, &info), -ENOTSUP);
	file.bytes[TINY_BUILDINFO + 15] = 2;
	file.bytes[TINY_BUILDINFO + 32] = 0x7f; /* a version of 127 bytes */
	CHECK_INT(buildinfo_parse(blob, &info), -EINVAL);
	file.bytes[TINY_BUILDINFO] = 0;
	CHECK_INT(buildinfo_find(image, &info), -ENOENT);
}

TEST("build info cut off anywhere is refused, or loses only what is cut")
{
	make(true);
	for (size_t length = 0; length < 0x180; length++) {
		struct buildinfo *info CLEANUP(cleanup_info) = NULL;
		struct span blob = { file.bytes + TINY_BUILDINFO, length };
		int error = buildinfo_parse(blob, &info);

		if (length < 32 + 1 + 8) /* header, length, "go1.23.5" */
			CHECK_INT(error, -EINVAL);
		else
			CHECK_INT(buildinfo_version(info)->minor, 23);
	}
}
