/* Finds the builds of announce and reads its JSON, as far as the tests need it. */
#include "harness/announce.h"

#include <glob.h>
#include <linux/limits.h>
#include <stdarg.h>
#include <stdlib.h>

const char *announce_path;

void announce_fail(const char *file, int line, const char *format, ...)
{
	char text[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	test_fail(file, line, "%s: %s", announce_path, text);
}

uint64_t announce_number(const char *json, const char *name)
{
	char key[64];
	const char *found;

	snprintf(key, sizeof(key), "\"%s\":", name);
	found = strstr(json, key);
	EXPECT(found, "no %s in %.200s", name, json);
	return strtoull(found + strlen(key), NULL, 10);
}

struct program announce_start(const char *setting, char ready[256])
{
	const char *const arguments[] = { announce_path, NULL };
	struct program program =
		program_start(arguments, (struct program_options){ .setting = setting });

	snprintf(ready, 256, "%s", program_read(&program));
	EXPECT(strstr(ready, "\"ready\""), "did not start: '%s'", ready);
	return program;
}

void announce_each(const char *variant, void (*check)(void))
{
	const char *folder = getenv("HEAPTAP_TARGETS");
	char pattern[PATH_MAX];
	glob_t found;

	if (!folder)
		test_skip("HEAPTAP_TARGETS names no folder of Go executables");
	snprintf(pattern, sizeof(pattern), "%s/go*/announce-%s", folder, variant);
	if (glob(pattern, 0, NULL, &found) != 0)
		test_skip("there is no %s", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		announce_path = found.gl_pathv[i];
		check();
	}
	globfree(&found);
}
