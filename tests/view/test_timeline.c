/* The timeline as text pictures: the service of the other pictures, with numbers that a reader can
 * follow from column to column. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "harness/test.h"
#include "view/service.h"

#define S   1000000000LL
#define MIB 1048576LL

/* the times on the axis */
__attribute__((constructor)) static void use_utc(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
}

/* One second after the other: the heap grows by 10 MiB from 10 MiB to its goal and begins anew;
 * then a cycle ended. */
static void pass_second(struct service *service, struct ui *ui)
{
	struct snapshot *snapshot = &service->snapshot;
	int64_t second = (snapshot->time_unix_ns + S) / S, phase = second % 10;

	service_next(service);
	snapshot->heap.inuse_bytes = (phase + 1) * 10 * MIB;
	snapshot->heap.goal_bytes = 120 * MIB;
	snapshot->heap.alloc_bytes_per_s = (double)(10 * MIB);
	snapshot->gc.cycles_per_s = phase == 0;
	snapshot->gc.cycles += phase == 0;
	snapshot->gc.pause_total_ns += phase == 0 ? 100000 : 0;
	snapshot->types.itabs_added = phase == 5 ? 3 : 0;
	snapshot->types.reflect_types_added = UNKNOWN;
	ui_update(ui, snapshot);
}

static struct ui *screen_after(struct service *service, int seconds, bool unicode)
{
	struct view_options options = { .grouping = grouping_find("type"),
					.value = VALUE_INUSE_SPACE };
	struct ui *ui = NULL;

	service_init(service);
	service->snapshot.time_unix_ns = 1700000000 * S; /* 22:13:20 */
	if (ui_new(NULL, &options, unicode, &ui) < 0)
		abort();
	for (int i = 0; i < seconds; i++)
		pass_second(service, ui);
	ui->now_unix_ns = service->snapshot.time_unix_ns;
	type_keys(ui, "t");
	picture(ui, 24, 80); /* moves go by the width that was drawn */
	return ui;
}

static const char *status(struct ui *ui)
{
	return line_of(picture(ui, 24, 80), 22);
}

/* The plot of the track that begins with the label. */
static const char *plot_of(struct ui *ui, const char *label)
{
	static char found[512];
	const char *text = picture(ui, 24, 80), *line = strstr(text, label);

	while (line && line != text && line[-1] != '\n')
		line = strstr(line + 1, label);
	snprintf(found, sizeof(found), "%.*s", line ? (int)strcspn(line, "\n") : 0,
		 line ? line : "");
	return strlen(found) > 28 ? found + 28 : "";
}

TEST("t shows aligned tracks of what was seen, the newest at the right")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 30, true);

	/* clang-format off */
	CHECK_STRING(picture(ui, 24, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  35s\n"
		"heap   10.0 MiB of goal 120 MiB, 812k objects     ▂▃▄▅▅▆▇▇█▂▂▃▄▅▅▆▇▇█▂▂▃▄▅▅▆▇▇█▂\n"
		"heap in use        10.0 MiB                       ────────▃─────────▃─────────▃─\n"
		"  goal              120 MiB                            ▃▅██      ▃▅██      ▃▅██\n"
		"                                                    ▃▅█████   ▃▅█████   ▃▅█████\n"
		"                                                  ▅████████▃▅████████▃▅████████▃\n"
		"allocates        10.0 MiB/s                       ██████████████████████████████\n"
		"                                                  ██████████████████████████████\n"
		"  uint8          10.0 MiB/s                       ██████████████████████████████\n"
		"  model.Item     2.00 MiB/s                       ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂\n"
		"  (type not kno~  512 KiB/s                       ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂\n"
		"  (all others)        0 B/s                       ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁\n"
		"rss                 240 MiB                       ██████████████████████████████\n"
		"  heap              140 MiB                       ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅\n"
		"  stacks           30.0 MiB                       ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂\n"
		"  runtime          30.0 MiB                       ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂\n"
		"  file             20.0 MiB                       ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂\n"
		"  other            20.0 MiB                       ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂\n"
		"gc cycles               1/s                       ▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁█\n"
		"longest pause        100 us                        ▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁█\n"
		"itabs added             0/s                       ▁▁▁▁█▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁█▁▁▁▁▁\n"
		"                             |22:13:00           |22:13:20───────────|22:13:40──\n"
		"22:13:20 to 22:13:50, 1.00 s per column, by type, now\n"
		"? help Esc back Tab next v value / search Space pause w write q quit + finer\n");
	/* clang-format on */
}

TEST("without UTF-8 the tracks are ASCII")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 30, false);

	/* clang-format off */
	CHECK_STRING(picture(ui, 24, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  35s\n"
		"heap   10.0 MiB of goal 120 MiB, 812k objects     .--=++**#..--=++**#..--=++**#.\n"
		"heap in use        10.0 MiB                       ~~~~~~~~.~~~~~~~~~.~~~~~~~~~.~\n"
		"  goal              120 MiB                            .+##      .+##      .+##\n"
		"                                                    .+#####   .+#####   .+#####\n"
		"                                                  +########.+########.+########.\n"
		"allocates        10.0 MiB/s                       ##############################\n"
		"                                                  ##############################\n"
		"  uint8          10.0 MiB/s                       ##############################\n"
		"  model.Item     2.00 MiB/s                       ..............................\n"
		"  (type not kno~  512 KiB/s                       ..............................\n"
		"  (all others)        0 B/s                       ______________________________\n"
		"rss                 240 MiB                       ##############################\n"
		"  heap              140 MiB                       ==============================\n"
		"  stacks           30.0 MiB                       ..............................\n"
		"  runtime          30.0 MiB                       ..............................\n"
		"  file             20.0 MiB                       ..............................\n"
		"  other            20.0 MiB                       ..............................\n"
		"gc cycles               1/s                       _________#_________#_________#\n"
		"longest pause        100 us                        ________#_________#_________#\n"
		"itabs added             0/s                       ____#_________#_________#_____\n"
		"                             |22:13:00           |22:13:20-----------|22:13:40--\n"
		"22:13:20 to 22:13:50, 1.00 s per column, by type, now\n"
		"? help Esc back Tab next v value / search Space pause w write q quit + finer\n");
	/* clang-format on */
}

TEST("a wide screen has higher tracks and more of the types")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 80, false);

	/* clang-format off */
	CHECK_STRING(picture(ui, 36, 100),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  1m25s\n"
		"cost   8.10k hits/s x 620 ns = 0.50% of a CPU, probes: 2  own 0.90%, 32.0 MiB\n"
		"heap   10.0 MiB of goal 120 MiB, 812k objects  *#..--=++**#..--=++**#..--=++**#..--=++**#..--=++**#.\n"
		"rss    240 MiB  heap==========starunfiot  itabs 1.23k +0/s\n"
		"heap in use             10.0 MiB ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"
		"  goal                   120 MiB      +         +         +         +         +         +         +\n"
		"                                    .##       .##       .##       .##       .##       .##       .##\n"
		"                                   +###      +###      +###      +###      +###      +###      +###\n"
		"                                 .#####    .#####    .#####    .#####    .#####    .#####    .#####\n"
		"                                 ######   +######   +######   +######   +######   +######   +######\n"
		"                                 ###### .######## .######## .######## .######## .######## .########\n"
		"                                 ######+#########+#########+#########+#########+#########+#########+\n"
		"allocates             10.0 MiB/s ###################################################################\n"
		"                                 ###################################################################\n"
		"                                 ###################################################################\n"
		"                                 ###################################################################\n"
		"                                 ###################################################################\n"
		"  uint8               10.0 MiB/s ###################################################################\n"
		"  model.Item          2.00 MiB/s ...................................................................\n"
		"  (type not known)     512 KiB/s ...................................................................\n"
		"  (all others)             0 B/s ___________________________________________________________________\n"
		"rss                      240 MiB ###################################################################\n"
		"                                 ###################################################################\n"
		"                                 ###################################################################\n"
		"                                 ###################################################################\n"
		"  heap                   140 MiB ===================================================================\n"
		"  stacks                30.0 MiB ...................................................................\n"
		"  runtime               30.0 MiB ...................................................................\n"
		"  file                  20.0 MiB ...................................................................\n"
		"  other                 20.0 MiB ...................................................................\n"
		"gc cycles                    1/s ______#_________#_________#_________#_________#_________#_________#\n"
		"longest pause             100 us ______#_________#_________#_________#_________#_________#_________#\n"
		"itabs added                  0/s _#_________#_________#_________#_________#_________#_________#_____\n"
		"                                 ------|22:13:40-----------|22:14:00-----------|22:14:20------------\n"
		"22:13:33 to 22:14:40, 1.00 s per column, by type, now\n"
		"? help Esc back Tab next v value / search Space pause w write q quit + finer - coarser t timeline\n");
	/* clang-format on */
}

TEST("the smallest screen keeps what matters most")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 30, true);

	/* clang-format off */
	CHECK_STRING(picture(ui, 10, 40),
		"shop-server 4242  go1.23.4  sampler, 1 p\n"
		"heap   10.0 MiB of goal 120 MiB, 812k ob\n"
		"heap in use        10.0 MiB ▅──────▁▃▄▅─\n"
		"  goal              120 MiB █▂▃▄▅▇█████▂\n"
		"allocates        10.0 MiB/s ████████████\n"
		"rss                 240 MiB ████████████\n"
		"gc cycles               1/s ▁█▁▁▁▁▁▁▁▁▁█\n"
		"                            ─|22:13:40──\n"
		"22:13:38 to 22:13:50, 1.00 s per column~\n"
		"? help Esc back Tab next v value w write\n");
	/* clang-format on */
}

TEST("time that nobody observed is empty in every track, and nothing is drawn across it")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 10, false);

	service.snapshot.time_unix_ns += 5 * S;
	for (int i = 0; i < 5; i++)
		pass_second(&service, ui);
	/* clang-format off */
	CHECK_STRING(picture(ui, 24, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  20s\n"
		"heap   10.0 MiB of goal 120 MiB, 812k objects                    .--=++**#.+**#.\n"
		"heap in use        10.0 MiB                                 ~~~~~~~~.~     ~~~.~\n"
		"  goal              120 MiB                                      .+##      .+##\n"
		"                                                              .+#####      ####\n"
		"                                                            +########.     ####.\n"
		"allocates        10.0 MiB/s                                 ##########     #####\n"
		"                                                            ##########     #####\n"
		"  uint8          10.0 MiB/s                                 ##########     #####\n"
		"  model.Item     2.00 MiB/s                                 ..........     .....\n"
		"  (type not kno~  512 KiB/s                                 ..........     .....\n"
		"  (all others)        0 B/s                                 __________     _____\n"
		"rss                 240 MiB                                 ##########     #####\n"
		"  heap              140 MiB                                 ==========     =====\n"
		"  stacks           30.0 MiB                                 ..........     .....\n"
		"  runtime          30.0 MiB                                 ..........     .....\n"
		"  file             20.0 MiB                                 ..........     .....\n"
		"  other            20.0 MiB                                 ..........     .....\n"
		"gc cycles               1/s                                 _________#     ____#\n"
		"longest pause        100 us                                  ________#     ____#\n"
		"itabs added             0/s                                 ____#_____     _____\n"
		"                                       |22:13:00           |22:13:20--     -----\n"
		"22:13:20 to 22:13:40, 1.00 s per column, by type, now\n"
		"? help Esc back Tab next v value / search Space pause w write q quit + finer\n");
	/* clang-format on */
}

TEST("an interval that lasted much longer than the others is a gap up to its last part")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 10, false);

	service.snapshot.time_unix_ns += 9 * S;
	service.snapshot.interval_s = 10;
	pass_second(&service, ui);
	CHECK_STRING(plot_of(ui, "allocates"),
		     "                                ##########         #");
}

TEST("before the first data the timeline says so")
{
	struct view_options options = { .grouping = grouping_find("type"), .timeline = true };
	AUTO_UI struct ui *ui = NULL;

	CHECK_INT(ui_new(NULL, &options, true, &ui), 0);
	CHECK_STRING(line_of(picture(ui, 24, 80), 0), "nothing was seen yet");
}

TEST("a first snapshot has states and no rates")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 0, true);

	service.snapshot.interval_s = 0;
	service.snapshot.heap.alloc_bytes_per_s = NAN;
	ui_update(ui, &service.snapshot);
	CHECK_STRING(
		line_of(picture(ui, 24, 80), 2),
		"heap in use         100 MiB                                                    ─");
	CHECK(strstr(picture(ui, 24, 80), "allocates                 ?\n"));
}

TEST("- makes columns longer, + shorter again, and not shorter than an interval")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 30, true);

	type_keys(ui, "--");
	CHECK_STRING(status(ui), "22:13:20 to 22:13:50, 5.00 s per column, by type, now");
	type_keys(ui, "++");
	CHECK_STRING(status(ui), "22:13:20 to 22:13:50, 1.00 s per column, by type, now");
	type_keys(ui, "+");
	CHECK_STRING(status(ui), "one interval per column: there is nothing finer");
}

TEST("a longer column has the extremes and the mean of what is in it")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 40, false);

	/* of 10 s each: the heap's largest is 100 MiB in all, one cycle in ten seconds */
	type_keys(ui, "---");
	CHECK(strstr(picture(ui, 24, 80), "gc cycles            0.10/s"));
	CHECK_STRING(plot_of(ui, "heap in use"),
		     "                                                ....");
}

TEST("Left moves the cursor and stops the time, values are those of its column")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 30, true);

	for (int i = 0; i < 3; i++)
		ui_key(ui, CODE_LEFT);
	CHECK_STRING(status(ui),
		     "22:13:20 to 22:13:50, 1.00 s per column, by type, values at 22:13:47");
	CHECK(strstr(picture(ui, 24, 80), "heap in use        80.0 MiB"));
	for (int i = 0; i < 7; i++)
		pass_second(&service, ui);
	CHECK_STRING(status(ui),
		     "22:13:20 to 22:13:50, 1.00 s per column, by type, values at 22:13:47");
	ui_key(ui, CODE_END);
	CHECK_STRING(status(ui), "22:13:20 to 22:13:57, 1.00 s per column, by type, now");
}

TEST("the cursor is a line through the tracks, also without colours")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 30, false);

	ui_key(ui, CODE_LEFT);
	/* clang-format off */
	CHECK_STRING(picture(ui, 24, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  35s\n"
		"heap   10.0 MiB of goal 120 MiB, 812k objects     .--=++**#..--=++**#..--=++**#.\n"
		"heap in use         100 MiB                       ~~~~~~~~.~~~~~~~~~.~~~~~~~~~.~\n"
		"  goal              120 MiB                            .+##      .+##      .+##\n"
		"                                                    .+#####   .+#####   .+#####\n"
		"                                                  +########.+########.+########.\n"
		"allocates        10.0 MiB/s                       ##############################\n"
		"                                                  ##############################\n"
		"  uint8          10.0 MiB/s                       ##############################\n"
		"  model.Item     2.00 MiB/s                       ..............................\n"
		"  (type not kno~  512 KiB/s                       ..............................\n"
		"  (all others)        0 B/s                       ______________________________\n"
		"rss                 240 MiB                       ##############################\n"
		"  heap              140 MiB                       ==============================\n"
		"  stacks           30.0 MiB                       ..............................\n"
		"  runtime          30.0 MiB                       ..............................\n"
		"  file             20.0 MiB                       ..............................\n"
		"  other            20.0 MiB                       ..............................\n"
		"gc cycles               0/s                       _________#_________#_________#\n"
		"longest pause          0 ns                        ________#_________#_________#\n"
		"itabs added             0/s                       ____#_________#_________#_____\n"
		"                             |22:13:00           |22:13:20-----------|22:13:40^-\n"
		"22:13:20 to 22:13:50, 1.00 s per column, by type, values at 22:13:49\n"
		"? help Esc back Tab next v value / search Space pause w write q quit + finer\n");
	/* clang-format on */
	CHECK_INT(line_of(styles(ui, 24, 80), 2)[78], 'S');
}

TEST("Home leads to the first column, pages go through the window, the end goes with the time "
     "again")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 100, true);

	picture(ui, 24, 80);
	ui_key(ui, CODE_HOME);
	CHECK_STRING(status(ui),
		     "22:13:20 to 22:14:12, 1.00 s per column, by type, values at 22:13:21");
	ui_key(ui, CODE_PAGE_DOWN);
	CHECK_STRING(status(ui),
		     "22:13:46 to 22:14:38, 1.00 s per column, by type, values at 22:13:47");
	for (int i = 0; i < 4; i++)
		ui_key(ui, CODE_PAGE_DOWN);
	CHECK_STRING(status(ui), "22:14:08 to 22:15:00, 1.00 s per column, by type, now");
	ui_key(ui, CODE_PAGE_UP);
	CHECK(strstr(status(ui), "values at 22:14:34"));
	for (int i = 0; i < 30; i++)
		ui_key(ui, CODE_LEFT);
	CHECK(strstr(status(ui), "values at 22:14:04"));
}

TEST("Tab splits the rate by another grouping, of all that was seen")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 10, false);

	CHECK(strstr(picture(ui, 24, 80), "  uint8"));
	type_keys(ui, "1");
	CHECK(strstr(picture(ui, 24, 80), "  ~buffer.go:249"));
	CHECK_STRING(plot_of(ui, "  ~buffer"),
		     "                                          ##########");
}

TEST("while paused the timeline stays, and then has what came meanwhile")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 10, true);

	type_keys(ui, " ");
	pass_second(&service, ui);
	CHECK_STRING(status(ui), "22:13:20 to 22:13:30, 1.00 s per column, by type, now");
	type_keys(ui, " ");
	CHECK_STRING(status(ui), "22:13:20 to 22:13:31, 1.00 s per column, by type, now");
}

TEST("an interval that came with a clock set back is said to be lost")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 10, true);
	struct service before = service;

	before.snapshot.time_unix_ns -= 5 * S;
	CHECK_INT(series_add(ui->series, &before.snapshot), 0);
	CHECK_STRING(status(ui), "22:13:20 to 22:13:30, 1.00 s per column, by type, now; LOST 1: "
				 "the clock was se~");
}

TEST("q leads from the timeline to the table, or ends where it was opened with it")
{
	struct service service;
	struct view_options options = { .grouping = grouping_find("type"), .timeline = true };
	AUTO_UI struct ui *ui = screen_after(&service, 3, true);
	AUTO_UI struct ui *alone = NULL;

	type_keys(ui, "q");
	CHECK(ui->screen == &screen_table && !ui->quit);
	CHECK_INT(ui_new(NULL, &options, true, &alone), 0);
	type_keys(alone, "ttq");
	CHECK(alone->quit);
}

TEST("printed as text, all of the series is seen")
{
	struct view_options options = { .grouping = grouping_find("type") };
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 200, true);
	AUTO_FREE char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	CHECK_INT(view_timeline_text(out, &service.snapshot, ui->series, &options, 80), 0);
	fclose(out);
	CHECK(strstr(text, "\n22:13:20 to 22:16:40, 5.00 s per column, by type, now\n"));
	CHECK(strstr(text, "\nheap in use        10.0 MiB"));
}

TEST("how GC events were got is said where they are not seen one by one")
{
	struct service service;
	AUTO_UI struct ui *ui = screen_after(&service, 20, true);

	CHECK(!strstr(picture(ui, 24, 80), "polled"));
	service.snapshot.time_unix_ns += 1000000000;
	service.snapshot.gc_events.note = "GC events are polled: no capability";
	ui_update(ui, &service.snapshot);
	CHECK(strstr(picture(ui, 24, 80), "\nGC events are polled: no capability\n"));
	service.snapshot.gc_events.note = NULL;
}
