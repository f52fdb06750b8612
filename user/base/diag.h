/*
 * The one way to tell the user something outside of the data. Each failure is reported exactly
 * once, where its noun is known; callers pass the returned number on and stay silent.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdarg.h>
#include <stddef.h>

enum diag_level {
	DIAG_FAIL, /* the command ends */
	DIAG_WARN, /* survived; the text says what happens instead */
	DIAG_NOTE, /* only with -v */
};

/* Where messages go: standard error, until a full-screen view takes them to show them itself. */
typedef void (*diag_sink)(void *context, enum diag_level level, const char *text);

/* sink NULL: standard error again. Not thread-safe; call it before threads start. */
void diag_set_sink(diag_sink sink, void *context);
void diag_set_verbose(int verbose);

/*
 * From here to diag_release failures are written to `text` (the last one stays) instead of the
 * sink: for what the user has not asked for, where the data themselves say why it is missing. Not
 * nested.
 */
void diag_capture(char *text, size_t size);
void diag_release(void);

/*
 * Prints "heaptap: TEXT: REASON" where REASON is strerror(-error) - left out for -EINVAL, -EPROTO
 * and 0, whose text must say it all - and returns `error`, a negative errno.
 */
int diag_fail(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void diag_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
