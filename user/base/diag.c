/* Messages to the user: formatting and the sink. What is worth saying is the callers' business. */
#include "base/diag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void to_stderr(void *context, enum diag_level level, const char *text)
{
	(void)context;
	fprintf(stderr, "heaptap: %s%s\n", level == DIAG_WARN ? "warning: " : "", text);
}

static struct {
	diag_sink sink;
	void *context;
	int verbose;
	char *captured; /* where failures go now, or NULL */
	size_t captured_size;
} diag = { .sink = to_stderr };

void diag_set_sink(diag_sink sink, void *context)
{
	diag.sink = sink ? sink : to_stderr;
	diag.context = context;
}

void diag_set_verbose(int verbose)
{
	diag.verbose = verbose;
}

void diag_capture(char *text, size_t size)
{
	diag.captured = text;
	diag.captured_size = size;
}

void diag_release(void)
{
	diag.captured = NULL;
}

static void say(enum diag_level level, int error, const char *format, va_list arguments)
{
	char text[1024];
	int length = vsnprintf(text, sizeof(text), format, arguments);

	if (error && error != -EINVAL && error != -EPROTO && length >= 0 &&
	    (size_t)length < sizeof(text))
		snprintf(text + length, sizeof(text) - (size_t)length, ": %s", strerror(-error));
	if (diag.captured && level == DIAG_FAIL)
		snprintf(diag.captured, diag.captured_size, "%s", text);
	else
		diag.sink(diag.context, level, text);
}

int diag_fail(int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(DIAG_FAIL, error, format, arguments);
	va_end(arguments);
	return error;
}

void diag_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(DIAG_WARN, 0, format, arguments);
	va_end(arguments);
}

void diag_note(const char *format, ...)
{
	va_list arguments;

	if (!diag.verbose)
		return;
	va_start(arguments, format);
	say(DIAG_NOTE, 0, format, arguments);
	va_end(arguments);
}
