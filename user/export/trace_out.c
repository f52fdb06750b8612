/* Events are written by hand, because there are many of them and most are numbers; the strings go
 * through base/json_text.h. Errors stay in the FILE. */
#include "export/trace_out.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json_text.h"
#include "model/unknown.h"

static void put_us(FILE *file, int64_t ns)
{
	fprintf(file, "%" PRId64 ".%03d", ns / 1000, (int)(ns % 1000));
}

void trace_out_begin(struct trace_out *out, const char *name, char ph, int32_t pid, int tid,
		     int64_t time_unix_ns)
{
	fprintf(out->file, "%s{\"name\":%s,\"ph\":\"%c\",\"pid\":%" PRId32,
		out->events++ ? ",\n" : "", name, ph, pid);
	if (tid >= 0)
		fprintf(out->file, ",\"tid\":%d", tid);
	if (time_unix_ns >= 0) {
		fputs(",\"ts\":", out->file);
		put_us(out->file, time_unix_ns - out->origin_unix_ns);
	}
	if (ph == 'i')
		fputs(",\"s\":\"t\"", out->file);
}

void trace_out_duration(struct trace_out *out, int64_t duration_ns)
{
	fputs(",\"dur\":", out->file);
	put_us(out->file, duration_ns);
}

void trace_out_args(struct trace_out *out)
{
	fputs(",\"args\":{", out->file);
	out->in_args = false;
}

static void put_key(struct trace_out *out, const char *key)
{
	fprintf(out->file, "%s\"%s\":", out->in_args ? "," : "", key);
	out->in_args = true;
}

void trace_out_integer(struct trace_out *out, const char *key, int64_t value)
{
	if (value == UNKNOWN)
		return;
	put_key(out, key);
	fprintf(out->file, "%" PRId64, value);
}

void trace_out_real(struct trace_out *out, const char *key, double value)
{
	if (!isfinite(value))
		return;
	put_key(out, key);
	fprintf(out->file, "%.9g", value);
}

void trace_out_raw(struct trace_out *out, const char *key, const char *json)
{
	put_key(out, key);
	fputs(json, out->file);
}

void trace_out_end(struct trace_out *out)
{
	fputs("}}", out->file);
}

void trace_out_name(struct trace_out *out, const char *what, int32_t pid, int tid, const char *json)
{
	trace_out_begin(out, what, 'M', pid, tid, -1);
	trace_out_args(out);
	trace_out_raw(out, "name", json);
	trace_out_end(out);
}

char *trace_text(const char *text)
{
	char *json = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&json, &size);
	int error;

	if (!out)
		return NULL;
	error = json_write_text(out, text);
	if (fclose(out) == EOF || error < 0) {
		free(json);
		return NULL;
	}
	return json;
}
