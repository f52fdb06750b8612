/*
 * The test target `announce` (tests/targets/announce) in every version and build that there is
 * under the folder HEAPTAP_TARGETS.
 */
#ifndef TESTS_HARNESS_ANNOUNCE_H
#define TESTS_HARNESS_ANNOUNCE_H

#include <stdint.h>

#include "harness/program.h"
#include "harness/test.h"
#include "model/memstats.h"

/* The file of the one under test. */
extern const char *announce_path;

/* Like CHECK, with the file and a message: a printf format and its values. */
#define EXPECT(condition, ...)                                                                     \
	do {                                                                                       \
		if (!(condition))                                                                  \
			announce_fail(__FILE__, __LINE__, __VA_ARGS__);                            \
	} while (0)
void announce_fail(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/* Calls `check` for each build goX.Y/announce-VARIANT (a pattern of glob); skips without any. */
void announce_each(const char *variant, void (*check)(void));

/* The same for another target, goX.Y/NAME ("caches-plain"); announce_path is its file. */
void targets_each(const char *name, void (*check)(void));

/* Starts the one under test; `ready` gets its first answer. `setting` as in program_options. */
struct program announce_start(const char *setting, char ready[256]);

/* The number after "name": in a line of JSON: the first. */
uint64_t announce_number(const char *json, const char *name);

/* The answer to `memstats`, in the model's terms. */
struct memstats announce_memstats(const char *json);

#endif
