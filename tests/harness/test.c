/* Runs every registered test (or those whose name contains the first argument), but those of the
 * files that TEST_LEAVE_OUT names, and prints TAP. */
#include "harness/test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

static struct test *first, **last = &first;
static jmp_buf escape;
enum outcome { PASSED, FAILED, SKIPPED };
static char message[4096];

void test_register(struct test *test)
{
	*last = test;
	last = &test->next;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	int used = snprintf(message, sizeof(message), "%s:%d: ", file, line);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message + used, sizeof(message) - (size_t)used, format, arguments);
	va_end(arguments);
	longjmp(escape, FAILED);
}

void test_skip(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	longjmp(escape, SKIPPED);
}

static enum outcome run(const struct test *test)
{
	enum outcome outcome = (enum outcome)setjmp(escape);

	if (outcome == PASSED)
		test->run();
	return outcome;
}

static void explain(void)
{
	for (char *line = strtok(message, "\n"); line; line = strtok(NULL, "\n"))
		printf("# %s\n", line);
}

static bool is_wanted(const struct test *test, const char *part, const char *left_out)
{
	const char *slash = strrchr(test->file, '/');

	return (!part || strstr(test->name, part)) &&
	       (!left_out || !strstr(left_out, slash ? slash + 1 : test->file));
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : NULL, *left_out = getenv("TEST_LEAVE_OUT");
	int count = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
	for (const struct test *test = first; test; test = test->next) {
		if (!is_wanted(test, part, left_out))
			continue;
		enum outcome outcome = run(test);

		count++;
		failed += outcome == FAILED;
		printf("%s %d - %s%s%s\n", outcome == FAILED ? "not ok" : "ok", count, test->name,
		       outcome == SKIPPED ? " # SKIP " : "", outcome == SKIPPED ? message : "");
		if (outcome == FAILED)
			explain();
	}
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
