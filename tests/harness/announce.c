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

/* The `count` numbers from `first` on of the array "name": [...], which is MEMSTATS_PAUSES long and
 * a ring. */
static void read_ring(const char *json, const char *name, uint64_t first, uint32_t count,
		      int64_t *ret)
{
	int64_t ring[MEMSTATS_PAUSES];
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(json, key);
	EXPECT(at, "no %s in %.200s", name, json);
	at += strlen(key);
	for (int i = 0; i < MEMSTATS_PAUSES; i++) {
		at += strcspn(at, "0123456789");
		ring[i] = strtoll(at, (char **)&at, 10);
	}
	for (uint32_t i = 0; i < count; i++)
		ret[i] = ring[(first + i) % MEMSTATS_PAUSES];
}

struct memstats announce_memstats(const char *json)
{
	struct memstats memstats = {
#define FIELD(member, name) .member = (int64_t)announce_number(json, name),
		MEMSTATS_FIELDS(FIELD)
#undef FIELD
	};
	const char *fraction = strstr(json, "\"GCCPUFraction\":");
	uint64_t first;

	EXPECT(fraction, "no GCCPUFraction");
	memstats.gc_cpu_fraction = strtod(strchr(fraction, ':') + 1, NULL);
	memstats.pause_count =
		memstats.num_gc < MEMSTATS_PAUSES ? (uint32_t)memstats.num_gc : MEMSTATS_PAUSES;
	first = (uint64_t)memstats.num_gc - memstats.pause_count;
	read_ring(json, "PauseNs", first, memstats.pause_count, memstats.pause_ns);
	read_ring(json, "PauseEnd", first, memstats.pause_count, memstats.pause_end_unix_ns);
	return memstats;
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
	char name[64];

	snprintf(name, sizeof(name), "announce-%s", variant);
	targets_each(name, check);
}

void targets_each(const char *name, void (*check)(void))
{
	const char *folder = getenv("HEAPTAP_TARGETS");
	char pattern[PATH_MAX];
	glob_t found;

	if (!folder)
		test_skip("HEAPTAP_TARGETS names no folder of Go executables");
	snprintf(pattern, sizeof(pattern), "%s/go*/%s", folder, name);
	if (glob(pattern, 0, NULL, &found) != 0)
		test_skip("there is no %s", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		announce_path = found.gl_pathv[i];
		check();
	}
	globfree(&found);
}
