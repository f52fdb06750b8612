/* One event of a trace at a time, as JSON. */
#ifndef EXPORT_TRACE_OUT_H
#define EXPORT_TRACE_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct trace_out {
	FILE *file;
	uint64_t events;
	/* Times count from here: as microseconds since 1970 they would lose their nanoseconds in
	 * the doubles of the viewers. */
	int64_t origin_unix_ns;
	bool in_args; /* an argument has been written */
};

/* An event is begun, gets arguments, and is ended. `name` is JSON already, quotes included. `ph` as
 * in the format; tid < 0: none; time_unix_ns < 0: none. */
void trace_out_begin(struct trace_out *out, const char *name, char ph, int32_t pid, int tid,
		     int64_t time_unix_ns);
void trace_out_duration(struct trace_out *out, int64_t duration_ns);
void trace_out_args(struct trace_out *out);
/* `key` is JSON without quotes. What is not known (UNKNOWN, NAN) is left out. */
void trace_out_integer(struct trace_out *out, const char *key, int64_t value);
void trace_out_real(struct trace_out *out, const char *key, double value);
void trace_out_raw(struct trace_out *out, const char *key, const char *json);
void trace_out_end(struct trace_out *out);

/* Metadata: "process_name", "thread_name", ... `json` as the name. */
void trace_out_name(struct trace_out *out, const char *what, int32_t pid, int tid,
		    const char *json);

/* The text as JSON, quotes included; to be freed. NULL without memory. */
char *trace_text(const char *text);

#endif
