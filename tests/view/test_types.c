/* The table of types: as a screen and as text. */
#include <string.h>

#include "harness/test.h"
#include "view/service.h"

#define ROWS  3
#define ITABS 4

/* Reused by each test. */
static const struct stack *stack_of(size_t number, const char *first, const char *cause)
{
	static struct {
		_Alignas(struct stack) char bytes[sizeof(struct stack) + 2 * sizeof(struct frame)];
	} stacks[2];
	struct stack *stack = (struct stack *)stacks[number].bytes;

	stack->count = 2;
	stack->frames[0] = (struct frame){ .function = first, .file = "/go/src/runtime/iface.go" };
	stack->frames[1] =
		(struct frame){ .function = cause, .file = "/nonexistent/store.go", .line = 17 };
	return stack;
}

static struct type_row rows[ROWS];
static struct itab_entry itabs[ITABS];

/* A service that converts a type of its own to an interface, asks for one that does not fit, and
 * makes a type for each request. */
static void add_types(struct service *service)
{
	struct type_group *group = &service->snapshot.type_group;

	rows[0] = (struct type_row){
		.event = TYPE_EVENT_REFLECT,
		.id = 3,
		.type = "struct { Id int; Name string }",
		.stack = stack_of(0, "reflect.StructOf", "main.handlePut"),
		.begun = 41,
		.interval = 8,
	};
	rows[1] = (struct type_row){
		.event = TYPE_EVENT_ITAB,
		.id = 1,
		.interface = "io.Reader",
		.type = "*example.com/shop/model.Item",
		.stack = stack_of(1, "runtime.getitab", "example.com/shop/model.Open"),
		.begun = 1,
		.interval = 1,
	};
	rows[2] = (struct type_row){
		.event = TYPE_EVENT_ITAB,
		.id = 2,
		.interface = "fmt.Stringer",
		.type = "main.Order",
		.failed = true,
		.begun = 1,
	};
	itabs[0] = (struct itab_entry){ "io.Writer", "*os.File", false, true };
	itabs[1] = (struct itab_entry){ "error", "*fs.PathError", false, true };
	itabs[2] = (struct itab_entry){ "io.Reader", "*example.com/shop/model.Item", false, false };
	itabs[3] = (struct itab_entry){ "fmt.Stringer", "main.Order", true, false };
	*group = (struct type_group){
		.probed = true,
		.count = ROWS,
		.rows = rows,
		.itab_count = ITABS,
		.itabs = itabs,
		.metadata_bytes = { 0.401, { 0.312, 0.495 }, 100 },
		.metadata_objects = { 0.25, { 0.18, 0.33 }, 100 },
	};
	service->snapshot.types.metadata_share = 0.401;
	service->snapshot.types.reflect_types_added = 8;
}

TEST("5 shows what was registered, by whom, and the itab table by interface, at 80x24")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	add_types(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "5");
	/* clang-format off */
	CHECK_STRING(picture(ui, 20, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"itabs 1.23k +3/s  made by reflection +8/s\n"
		"metadata 40.1% of bytes (31.2%-49.5%)  25.0% of objects (18.0%-33.0%)\n"
		"    per s   count event   INTERFACE <- TYPE                                where\n"
		">       8      41 reflect struct { Id int; Name string }             store.go:17\n"
		"        1       1 itab    io.Reader <- *model.Item                   store.go:17\n"
		"        0       1 no itab fmt.Stringer <- main.Order                           ?\n"
		"  The itab table, by interface: 4 (fixed: made by the compiler)\n"
		"                  fixed   error <- *fs.PathError\n"
		"                  failed  fmt.Stringer <- main.Order\n"
		"                          io.Reader <- *model.Item\n"
		"                  fixed   io.Writer <- *os.File\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"3 kinds of registrations, 4 itabs\n"
		"? help Enter stacks Esc back Tab next v value / search f filter Space pause\n");
	/* clang-format on */
}

TEST("Tab goes to the itab table and back, Enter opens the stack of a registration")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	add_types(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "5\t");
	CHECK_INT(ui->types_cursor.at, ROWS);
	ui_key(ui, CODE_ENTER);
	CHECK(strstr(picture(ui, 20, 80), "an itab of the table has no stack"));
	type_keys(ui, "\tj");
	CHECK_INT(ui->types_cursor.at, 1);
	ui_key(ui, CODE_ENTER);
	/* clang-format off */
	CHECK_STRING(picture(ui, 20, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"a registration of types\n"
		"interface io.Reader\n"
		"type      *example.com/shop/model.Item\n"
		"The first value of this type in this interface.\n"
		"times it was seen by this stack: 1\n"
		"Source  /nonexistent/store.go:17\n"
		"  not readable on this host: No such file or directory\n"
		"Stack\n"
		"    runtime.getitab\n"
		"        /go/src/runtime/iface.go:0\n"
		"    example.com/shop/model.Open\n"
		"        /nonexistent/store.go:17\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"\n"
		"3 rows by site, inuse_space, sorted by value\n"
		"? help Esc back v value / search Space pause w write q quit t timeline\n");
	/* clang-format on */
	type_keys(ui, "q");
	CHECK(ui->screen == &screen_types);
	type_keys(ui, "1");
	CHECK(ui->screen == &screen_table);
	type_keys(ui, "5q");
	CHECK(ui->screen == &screen_table && !ui->quit);
}

TEST("the selected registration stays selected when others come before it")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;
	struct type_row first;

	service_init(&service);
	add_types(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "5j");
	CHECK_INT(ui->selected_type, 1);
	first = rows[0];
	rows[0] = rows[1];
	rows[1] = first;
	service_next(&service);
	ui_update(ui, &service.snapshot);
	CHECK_INT(ui->types_cursor.at, 0);
}

TEST("a filter and a search are about interfaces and types")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	add_types(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "5/pathe");
	ui_key(ui, CODE_ENTER);
	CHECK_INT(ui->types_cursor.at, ROWS + 1);
	type_keys(ui, "fio\\.");
	ui_key(ui, CODE_ENTER);
	CHECK_INT(ui->types.row_count, 1);
	CHECK_INT(ui->types.itab_count, 2);
	CHECK(strstr(picture(ui, 20, 80),
		     "1 kinds of registrations, 2 itabs, filter io\\. hides 4"));
}

TEST("without probes the note stands in the place of registrations")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	service.snapshot.type_group.note = "new types are only counted: --budget 0 allows no probe";
	service.snapshot.types.reflect_types_added = UNKNOWN;
	ui = service_screen(&service, true);
	type_keys(ui, "5");
	CHECK(strstr(picture(ui, 20, 80),
		     "new types are only counted: --budget 0 allows no probe"));
	CHECK(strstr(picture(ui, 20, 80), "made by reflection +?"));
	CHECK(strstr(picture(ui, 20, 80), "metadata ? of bytes  ? of objects"));
	CHECK(strstr(picture(ui, 20, 80), "no new types, and no itabs that could be read"));
}

static const char *text_of(const struct snapshot *snapshot, size_t top)
{
	const struct view_options options = { .grouping = groupings,
					      .screen = "types",
					      .top = top };
	static char text[1 << 14];
	FILE *out = fmemopen(text, sizeof(text), "w");

	CHECK_INT(view_text(out, snapshot, &options, 100), 0);
	fclose(out);
	return text;
}

TEST("as text the table of types says what it left out")
{
	struct service service;

	service_init(&service);
	add_types(&service);
	/* clang-format off */
	CHECK_STRING(text_of(&service.snapshot, 2),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"cost   8.10k hits/s x 620 ns = 0.50% of a CPU, probes: 2  own 0.90%, 32.0 MiB\n"
		"heap   100 MiB of goal 200 MiB, 812k objects\n"
		"alloc  1.40 GiB/s, 20.1M/s  gc 12.1/s, paused 12.3 ms (p99 120 us), CPU 2.30%\n"
		"rss    240 MiB  heap==========starunfiot  itabs 1.23k +3/s  reflect +8/s  metadata 40.1%\n"
		"\n"
		"itabs 1.23k +3/s  made by reflection +8/s\n"
		"metadata 40.1% of bytes (31.2%-49.5%)  25.0% of objects (18.0%-33.0%)\n"
		"    per s   count event   INTERFACE <- TYPE                                                    where\n"
		"        8      41 reflect struct { Id int; Name string }                                 store.go:17\n"
		"        1       1 itab    io.Reader <- *model.Item                                       store.go:17\n"
		"... smaller rows: 1\n"
		"  The itab table, by interface: 4 (fixed: made by the compiler)\n"
		"                  fixed   error <- *fs.PathError\n"
		"                  failed  fmt.Stringer <- main.Order\n"
		"... itabs not shown: 2\n");
	/* clang-format on */
}

TEST("tables that are no grouping are found by their names only")
{
	CHECK(view_has_screen("types") && !view_has_screen("type") && !view_has_screen(""));
	CHECK_STRING(view_screen_name(0), "types");
}
