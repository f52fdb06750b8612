/* Moments of a recording, as options name them. */
#ifndef CMD_MOMENT_H
#define CMD_MOMENT_H

#include <stdint.h>

struct moment {
	enum moment_kind {
		MOMENT_NONE,	 /* not given */
		MOMENT_ABSOLUTE, /* ns since 1970 */
		MOMENT_BEGIN,	 /* ns after the beginning */
		MOMENT_END	 /* ns before the end */
	} kind;
	int64_t ns;
};

/* struct option_row's parse: "30s" after the beginning, "-30s" before the end, or a time such as
 * 2026-11-24T07:30:00Z (RFC 3339). */
int parse_moment(const char *option, const char *text, void *member);

/* The moment in a recording of that span; `otherwise` when none was given. */
int64_t moment_ns(const struct moment *moment, int64_t first_ns, int64_t last_ns,
		  int64_t otherwise);

#endif
