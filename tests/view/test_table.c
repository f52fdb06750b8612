/* The table screen as text pictures. */
#include "harness/test.h"
#include "view/service.h"

TEST("80x24 shows head, table, status and keys")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	/* clang-format off */
	CHECK_STRING(picture(ui, 24, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"cost   8.10k hits/s x 620 ns = 0.50% of a CPU, probes: 2  own 0.90%, 32.0 MiB\n"
		"heap   100 MiB of goal 200 MiB, 812k objects                                   █\n"
		"alloc  1.40 GiB/s, 20.1M/s  gc 12.1/s, paused 12.3 ms (p99 120 us), CPU 2.30%\n"
		"rss    240 MiB  heap=======strufio  itabs 1.23k +3/s  reflect +0/s\n"
		"    in use         share alloc rate SITE                          where\n"
		"> 64.0 MiB ███▉    64.0% 2.00 MiB/s ~e.(*GenericCache[...]).Store cache.go:42\n"
		"  24.0 MiB █▌      24.0% 10.0 MiB/s bytes.growSlice               buffer.go:249\n"
		"  12.0 MiB ▊       12.0%  512 KiB/s fmt.Sprintf                   print.go:239\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"3 rows by site, inuse_space, sorted by value\n"
		"? help Enter stacks Tab next v value s sort / search f filter Space pause q quit\n");
	/* clang-format on */
}

TEST("without UTF-8 bars and sparkline are ASCII")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, false);
	service.snapshot.heap.inuse_bytes /= 2;
	service_next(&service);
	ui_update(ui, &service.snapshot);
	/* clang-format off */
	CHECK_STRING(picture(ui, 11, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  6s\n"
		"cost   8.10k hits/s x 620 ns = 0.50% of a CPU, probes: 2  own 0.90%, 32.0 MiB\n"
		"heap   50.0 MiB of goal 200 MiB, 812k objects                                 #=\n"
		"    in use         share alloc rate SITE                          where\n"
		"> 64.0 MiB ####    64.0% 2.00 MiB/s ~e.(*GenericCache[...]).Store cache.go:42\n"
		"  24.0 MiB #-      24.0% 10.0 MiB/s bytes.growSlice               buffer.go:249\n"
		"  12.0 MiB -       12.0%  512 KiB/s fmt.Sprintf                   print.go:239\n"
		"\n"
		"\n"
		"3 rows by site, inuse_space, sorted by value\n"
		"? help Enter stacks Tab next v value s sort / search f filter Space pause q quit\n");
	/* clang-format on */
}

TEST("a wide screen adds samples, bounds, ages and types")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	/* clang-format off */
	CHECK_STRING(picture(ui, 12, 160),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"cost   8.10k hits/s x 620 ns = 0.50% of a CPU, probes: 2  own 0.90%, 32.0 MiB\n"
		"heap   100 MiB of goal 200 MiB, 812k objects                                                             █\n"
		"rss    240 MiB  heap==========starunfiot  heap 140 MiB  stacks 30.0 MiB  runtime 30.0 MiB  file 20.0 MiB  other 20.0 MiB  itabs 1.23k +3/s  reflect +0/s\n"
		"    in use         share alloc rate samples     95% bounds age p50 SITE                                         where                type\n"
		"> 64.0 MiB ███▉    64.0% 2.00 MiB/s      64          exact       ? cache.(*GenericCache[...]).Store             cache.go:42          model.Item\n"
		"  24.0 MiB █▌      24.0% 10.0 MiB/s      24          exact  1.52 s bytes.growSlice                              buffer.go:249        uint8\n"
		"  12.0 MiB ▊       12.0%  512 KiB/s     100  9.76-14.6 MiB       ? fmt.Sprintf                                  print.go:239         ?\n"
		"\n"
		"\n"
		"3 rows by site, inuse_space, sorted by value\n"
		"? help Enter stacks Tab next v value s sort / search f filter Space pause w write q quit m memory t timeline\n");
	/* clang-format on */
}

TEST("40x10 keeps the most important lines and columns")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	service.snapshot.losses[LOSS_BUCKET_MAP_FULL] = 5;
	ui = service_screen(&service, true);
	CHECK_STRING(picture(ui, 10, 40), "shop-server 4242  go1.23.4  sampler, 1 p\n"
					  "heap   100 MiB of goal 200 MiB, 812k obj\n"
					  "LOST   bucket_map_full 5\n"
					  "    in use SITE\n"
					  "> 64.0 MiB ~e.(*GenericCache[...]).Store\n"
					  "  24.0 MiB bytes.growSlice\n"
					  "  12.0 MiB fmt.Sprintf\n"
					  "\n"
					  "3 rows by site, inuse_space, sorted by v\n"
					  "? help Enter stacks Tab next v value\n");
}

TEST("a terminal smaller than 40x10 gets a sentence")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	CHECK_STRING(picture(ui, 10, 39), "needs 40x10, q quits\n\n\n\n\n\n\n\n\n\n");
	CHECK_STRING(line_of(picture(ui, 9, 80), 0), "needs 40x10, q quits");
}

TEST("before the first data the screen says that it waits")
{
	struct view_options options = { .grouping = groupings };
	AUTO_UI struct ui *ui = NULL;

	CHECK_INT(ui_new(NULL, &options, true, &ui), 0);
	CHECK_STRING(line_of(picture(ui, 24, 80), 0), "waiting for the first data");
	type_keys(ui, "jkgGnNsrv/x\nw123\t?q"); /* no key needs data */
	CHECK_STRING(line_of(picture(ui, 24, 80), 0), "waiting for the first data");
}

TEST("what is not known is a question mark, never 0")
{
	struct snapshot snapshot;
	struct view_options options = { .grouping = groupings };
	AUTO_UI struct ui *ui = NULL;

	snapshot_init(&snapshot);
	snapshot.pid = 7;
	snapshot.mode = MODE_COUNTERS;
	CHECK_INT(ui_new(NULL, &options, true, &ui), 0);
	ui_update(ui, &snapshot);
	/* clang-format off */
	CHECK_STRING(picture(ui, 10, 80),
		"? 7  ?  counters  ?\n"
		"cost   ? hits/s x ? = ? of a CPU, probes: ?  own ?, ?\n"
		"heap   ? of goal ?, ? objects\n"
		"     alloc         share alloc rate SITE                          where\n"
		"  no rows: mode counters attributes nothing to code\n"
		"\n"
		"\n"
		"\n"
		"0 rows by site, alloc_space, sorted by value\n"
		"? help Enter stacks Tab next v value s sort / search f filter Space pause q quit\n");
	/* clang-format on */
}

TEST("losses are an alarm with their reasons, the note has a line")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	service.snapshot.losses[LOSS_BUCKET_MAP_FULL] = 12;
	service.snapshot.losses[LOSS_STACK_UNREADABLE] = 3456;
	service.snapshot.note = "ages are not known: the probes are detached";
	ui = service_screen(&service, true);
	CHECK_STRING(line_of(picture(ui, 24, 80), 5),
		     "LOST   bucket_map_full 12, stack_unreadable 3.46k");
	CHECK(!strncmp(line_of(styles(ui, 24, 80), 5), "aaaa...aaaaaaaaaaaaaaaaaa", 25));
	CHECK_STRING(line_of(picture(ui, 24, 80), 6),
		     "note   ages are not known: the probes are detached");
}

TEST("a note that is wider than the screen goes on in a second line, where there is room")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	service.snapshot.note =
		"list, not sampler: sampler would take 0.268 % of a CPU (5158 hits/s "
		"x 0.52 us), and may take 0.05 % of the budget of 0.1 %";
	ui = service_screen(&service, true);
	CHECK_STRING(
		line_of(picture(ui, 24, 80), 5),
		"note   list, not sampler: sampler would take 0.268 % of a CPU (5158 hits/s x");
	CHECK_STRING(line_of(picture(ui, 24, 80), 6),
		     "       0.52 us), and may take 0.05 % of the budget of 0.1 %");
	CHECK(strstr(line_of(picture(ui, 15, 80), 5), "TYPE") ||
	      strstr(line_of(picture(ui, 15, 80), 5), "SITE"));
	CHECK(!strstr(picture(ui, 24, 200), "\n       0.52 us"));
}

TEST("a number of the head that does not fit is left out, not cut")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	service.snapshot.cost.probes = 7;
	service.snapshot.cost.longest_stall_ns = 1100000;
	service.snapshot.cost.self_cpu_percent = 1.23;
	ui = service_screen(&service, true);
	for (int columns = 20; columns < 120; columns++) {
		const char *line = line_of(picture(ui, 24, columns), 1);
		const char *own = strstr(line, "own");

		CHECK(!own || strstr(own, "1.23%"));
		CHECK(!own || !strchr(own, ',') || strstr(own, "iB"));
	}
}

TEST("the selected row is marked by character and by style")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "j");
	CHECK_INT(line_of(picture(ui, 24, 80), 7)[0], '>');
	CHECK_INT(strspn(line_of(styles(ui, 24, 80), 7), "S"), 80);
	CHECK_INT(strspn(line_of(styles(ui, 24, 80), 6), "S"), 0);
}

TEST("control characters and broken UTF-8 of the target never reach the screen")
{
	static struct {
		uint32_t count;
		struct frame frames[1];
	} stack = { 1, { { "main.\x1b[31mred\x9b\xff\x07", "/a\tb.go", 1, 1, 1, false, 0 } } };
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	service.records[0].stack = (const struct stack *)(const void *)&stack;
	service.snapshot.comm = "x\ny";
	ui = service_screen(&service, true);
	type_keys(ui, "\t\t\t");
	ui_key(ui, CODE_ENTER);
	for (const char *text = picture(ui, 24, 80); *text; text++)
		CHECK((unsigned char)*text >= 0x20 || *text == '\n');
	CHECK(strstr(picture(ui, 24, 80), "x?y 4242"));
}

TEST("a step of the budget is said once, and its meaning stays in the note")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;
	struct governor_step first = { 1, "list", "sampler", "sampler fits" };
	struct governor_step step = { 2, "sampler", "list", "sampler would take 2.7 %" };

	service_init(&service);
	ui = service_screen(&service, true);
	service.snapshot.governor.wanted = first.to;
	governor_state_add_step(&service.snapshot.governor, &first);
	ui_update(ui, &service.snapshot);
	CHECK(!strstr(picture(ui, 24, 80), "sampler fits"));
	service_next(&service);
	governor_state_next(&service.snapshot.governor);
	governor_state_add_step(&service.snapshot.governor, &step);
	service.snapshot.note = "list, not sampler: sampler would take 2.7 %";
	ui_update(ui, &service.snapshot);
	CHECK(strstr(picture(ui, 24, 80), "sampler -> list: sampler would take 2.7 %"));
	governor_state_next(&service.snapshot.governor);
	type_keys(ui, "j");
	ui_update(ui, &service.snapshot);
	CHECK(!strstr(picture(ui, 24, 80), "sampler -> list"));
	CHECK(strstr(picture(ui, 24, 80), "note   list, not sampler: sampler would take 2.7 %"));
}
