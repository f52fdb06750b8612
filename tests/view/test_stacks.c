/* The drill-down: numbers, source, callers, stacks. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/test.h"
#include "view/callers.h"
#include "view/service.h"
#include "view/source.h"

TEST("Enter opens source, callers and stacks of the row")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	ui_key(ui, CODE_ENTER);
	/* clang-format off */
	CHECK_STRING(picture(ui, 32, 120),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"cache.(*GenericCache[string,*model.Item]).Store\n"
		"in example.com/shop/cache.(*GenericCache[go.shape.string,go.shape.*example.com/shop/model.Item]).Store\n"
		"inuse_space 64.0 MiB (64.0% of all), 95% bounds: exact, samples: 64\n"
		"allocates 2.00 MiB/s, median age at death ?, type example.com/shop/model.Item\n"
		"Source  /nonexistent/cache.go:42\n"
		"  not readable on this host: No such file or directory\n"
		"Callers, with their share of the row\n"
		"    100%  example.com/shop/cache.(*GenericCache[go.shape.string,go.shape.*example.com/shop/model.Item]).Store  /nonexis~\n"
		"   75.0%    main.handlePut  /nonexistent/main.go:88\n"
		"   75.0%    net/http.HandlerFunc.ServeHTTP  /go/net/http/server.go:2136\n"
		"   75.0%    main.main  /nonexistent/main.go:20\n"
		"   25.0%    main.warmUp  /nonexistent/main.go:188\n"
		"   25.0%    main.main  /nonexistent/main.go:19\n"
		"Stacks, the heaviest first\n"
		"  #1  48.0 MiB  75.0% of the row, objects of 64 B, type example.com/shop/model.Item\n"
		"    example.com/shop/cache.(*GenericCache[go.shape.string,go.shape.*example.com/shop/model.Item]).Store  (inlined)\n"
		"        /nonexistent/cache.go:42\n"
		"    main.handlePut\n"
		"        /nonexistent/main.go:88\n"
		"    net/http.HandlerFunc.ServeHTTP\n"
		"        /go/net/http/server.go:2136\n"
		"    main.main\n"
		"        /nonexistent/main.go:20\n"
		"  #2  16.0 MiB  25.0% of the row, objects of 64 B, type example.com/shop/model.Item\n"
		"    example.com/shop/cache.(*GenericCache[go.shape.string,go.shape.*example.com/shop/model.Item]).Store\n"
		"        /nonexistent/cache.go:42\n"
		"    main.warmUp\n"
		"        /nonexistent/main.go:188\n"
		"    main.main\n"
		"3 rows by site, inuse_space, sorted by value\n"
		"? help Esc back Tab next v value / search Space pause w write q quit t timeline\n");
	/* clang-format on */
}

TEST("Escape and q go back to the selected row")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "j");
	ui_key(ui, CODE_ENTER);
	CHECK(strstr(picture(ui, 24, 80), "main.handleGet"));
	ui_key(ui, CODE_ESCAPE);
	CHECK_INT(line_of(picture(ui, 24, 80), 7)[0], '>');
	ui_key(ui, CODE_ENTER);
	type_keys(ui, "q");
	CHECK_INT(line_of(picture(ui, 24, 80), 7)[0], '>');
	CHECK(!ui->quit);
}

TEST("the drill-down follows the data and says when its row is gone")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "j");
	ui_key(ui, CODE_ENTER);
	service.records[2].live.bytes *= 2;
	ui_update(ui, &service.snapshot);
	CHECK(strstr(picture(ui, 24, 80), "inuse_space 48.0 MiB"));
	service.records[2].live.bytes = 0;
	ui_update(ui, &service.snapshot);
	CHECK(strstr(picture(ui, 24, 80), "not in the table any more"));
	CHECK(strstr(picture(ui, 24, 80), "inuse_space 48.0 MiB"));
}

TEST("Tab jumps through the parts, right shows what is cut")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	ui_key(ui, CODE_ENTER);
	picture(ui, 14, 80);
	type_keys(ui, "\t");
	CHECK(strstr(line_of(picture(ui, 14, 80), 2), "Source  /nonexistent/cache.go:42"));
	type_keys(ui, "\t");
	CHECK(!strncmp(line_of(picture(ui, 14, 80), 2), "Callers,", 8));
	ui_key(ui, CODE_RIGHT);
	CHECK(!strncmp(line_of(picture(ui, 14, 80), 2), " with their share", 17));
	ui_key(ui, CODE_LEFT);
	ui_key(ui, CODE_LEFT);
	CHECK(!strncmp(line_of(picture(ui, 14, 80), 2), "Callers,", 8));
}

TEST("searching in the drill-down marks and finds lines")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	ui_key(ui, CODE_ENTER);
	picture(ui, 14, 80);
	type_keys(ui, "/WARM");
	CHECK(strstr(line_of(picture(ui, 14, 80), 2), "main.warmUp"));
	CHECK_INT(strspn(line_of(styles(ui, 14, 80), 2), "S"), 80);
	ui_key(ui, CODE_ENTER);
	type_keys(ui, "n"); /* in the second stack, whose end is at the bottom */
	CHECK(ui->stacks_cursor.at > ui->stacks_cursor.top);
	CHECK(strstr(ui->stacks.items[ui->stacks_cursor.at].text, "main.warmUp"));
}

/* A row of `count` records that allocate 1 byte each, made by the stacks given. */
static struct row row_of(const struct record **records, size_t count)
{
	return (struct row){ .name = "row", .file = "", .record_count = count, .records = records };
}

TEST("callers that are too light are summed up")
{
	static struct {
		uint32_t count;
		struct frame frames[2];
	} stacks[3] = {
		{ 2,
		  { { .function = "main.a", .file = "" },
		    { .function = "main.x", .file = "f.go", .line = 1 } } },
		{ 2,
		  { { .function = "main.a", .file = "" },
		    { .function = "main.y", .file = "f.go", .line = 2 } } },
		{ 2,
		  { { .function = "main.a", .file = "" },
		    { .function = "main.z", .file = "f.go", .line = 3 } } },
	};
	struct record records[3] = { 0 };
	const struct record *pointers[3];
	const double weights[3] = { 90, 6, 4 };
	struct page page = { 0 };
	struct row row = row_of(pointers, 3);

	for (int i = 0; i < 3; i++) {
		records[i].stack = (const struct stack *)(const void *)&stacks[i];
		records[i].begun.bytes = weights[i];
		pointers[i] = &records[i];
	}
	callers_write(&row, VALUE_ALLOC_SPACE, 0.2, &page);
	CHECK_INT(page.count, 3);
	CHECK_STRING(page.items[0].text, "    100%  main.a  ?:0");
	CHECK_STRING(page.items[1].text, "   90.0%  main.x  f.go:1");
	CHECK_STRING(page.items[2].text, "   10.0%  2 lighter callers");
	page_clear(&page);
}

TEST("source lines come with numbers, tabs expanded, the place marked")
{
	char path[] = "/tmp/test-source-XXXXXX";
	AUTO_CLOSE int fd = mkstemp(path);
	static const char text[] = "one\n\ttwo\nthree\nfour\nfive\n";
	struct page page = { 0 };

	CHECK(fd >= 0);
	CHECK_INT(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	source_write(path, 3, 1, &page);
	source_write(path, 9, 1, &page);
	unlink(path);
	CHECK_INT(page.count, 4);
	CHECK_STRING(page.items[0].text, "      2      two");
	CHECK_STRING(page.items[1].text, ">     3  three");
	CHECK_STRING(page.items[2].text, "      4  four");
	CHECK(page.items[1].style == STYLE_STRONG);
	CHECK_STRING(page.items[3].text, "  the file on this host is shorter: not what was built");
	page_clear(&page);
}

TEST("sources that cannot be read say why, and a FIFO does not block")
{
	char folder[] = "/tmp/test-source-XXXXXX", fifo[64];
	struct page page = { 0 };

	CHECK(mkdtemp(folder));
	snprintf(fifo, sizeof(fifo), "%s/f", folder);
	CHECK_INT(mkfifo(fifo, 0600), 0);
	source_write("/nonexistent/x.go", 1, 4, &page);
	source_write("example.com/mod/x.go", 1, 4, &page);
	source_write("", 0, 4, &page);
	source_write(fifo, 1, 4, &page);
	unlink(fifo);
	rmdir(folder);
	CHECK_INT(page.count, 4);
	CHECK_STRING(page.items[0].text, "  not readable on this host: No such file or directory");
	CHECK(strstr(page.items[1].text, "-trimpath"));
	CHECK(strstr(page.items[2].text, "does not say"));
	CHECK(strstr(page.items[3].text, "not readable"));
	page_clear(&page);
}
