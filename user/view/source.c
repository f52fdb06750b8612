/* Reading a few lines of a file whose name comes from the target's binary: only regular files, and
 * never more than a source file may have. */
#include "view/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE_BYTES (16 << 20) /* generated Go files reach a few MiB */
#define LINE_BYTES   1024
#define TAB	     4

/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
static FILE *open_source(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	FILE *file;

	if (fd < 0 || fstat(fd, &status) < 0)
		return NULL;
	if (!S_ISREG(status.st_mode) || status.st_size > SOURCE_BYTES) {
		errno = S_ISREG(status.st_mode) ? EFBIG : ENOENT;
		return NULL;
	}
	file = fdopen(fd, "r");
	if (file)
		TAKE_FD(fd);
	return file;
}

static void expand_tabs(const char *text, char *out, size_t out_size)
{
	size_t used = 0;

	for (; *text && *text != '\n' && *text != '\r' && used + TAB < out_size; text++) {
		if (*text != '\t') {
			out[used++] = *text;
			continue;
		}
		do
			out[used++] = ' ';
		while (used % TAB);
	}
	out[used] = '\0';
}

static void write_lines(FILE *file, uint32_t line, uint32_t context, struct page *page)
{
	AUTO_FREE char *text = NULL;
	size_t size = 0, before = page->count;
	char shown[LINE_BYTES];

	for (uint32_t number = 1; number <= line + context && getline(&text, &size, file) >= 0;
	     number++) {
		if (number + context < line)
			continue;
		expand_tabs(text, shown, sizeof(shown));
		page_add(page, number == line ? STYLE_STRONG : STYLE_PLAIN, "%c %5u  %s",
			 number == line ? '>' : ' ', number, shown);
	}
	if (page->count == before)
		page_add(page, STYLE_DIM, "  the file on this host is shorter: not what was built");
}

void source_write(const char *path, uint32_t line, uint32_t context, struct page *page)
{
	AUTO_FCLOSE FILE *file = NULL;

	if (!*path || !line) {
		page_add(page, STYLE_DIM, "  the binary does not say where this is");
		return;
	}
	if (*path != '/') {
		page_add(page, STYLE_DIM, "  built with -trimpath: no file on this host is meant");
		return;
	}
	file = open_source(path);
	if (file)
		write_lines(file, line, context, page);
	else
		page_add(page, STYLE_DIM, "  not readable on this host: %s", strerror(errno));
}
