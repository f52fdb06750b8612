/* The groupings that have columns, orders or parts of their own, as text pictures. */
#include "harness/test.h"
#include "model/instantiations.h"
#include "view/service.h"

#define FRAMES(name, ...)                                                                          \
	static struct {                                                                            \
		uint32_t count;                                                                    \
		struct frame frames[2];                                                            \
	} name = { 2, { __VA_ARGS__ } }
#define AS_STACK(name) ((const struct stack *)(const void *)&(name))

FRAMES(boxed, { .function = "runtime.convT64", .file = "" },
       { .function = "main.count", .file = "/m/count.go", .line = 12 });
FRAMES(ints, { .function = "main.leaf", .file = "/m/leaf.go", .line = 3 },
       { .function = "main.F[go.shape.int]", .file = "/m/f.go", .line = 7 });
FRAMES(strings, { .function = "main.leaf", .file = "/m/leaf.go", .line = 3 },
       { .function = "main.F[go.shape.string]", .file = "/m/f.go", .line = 7 });

/* 64 MiB boxed or in one instantiation, 24 MiB in another, 12 MiB of neither. */
static void scene(struct service *service, const struct stack *first, const struct stack *second)
{
	service_init(service);
	service->records[0].stack = service->records[1].stack = first;
	service->records[0].type = service->records[1].type = "int64";
	service->records[0].interface = service->records[1].interface = "interface {}";
	service->records[2].stack = second;
}

TEST("boxing has one row for what is not boxed, which stays the last, and dim")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	service.records[3].stack = AS_STACK(boxed);
	service.records[3].type = "int64";
	service.records[3].interface = "interface {}";
	ui = service_screen(&service, true);
	type_keys(ui, "8");
	/* clang-format off */
	CHECK_STRING(picture(ui, 12, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"cost   8.10k hits/s x 620 ns = 0.50% of a CPU, probes: 2  own 0.90%, 32.0 MiB\n"
		"heap   100 MiB of goal 200 MiB, 812k objects                                   █\n"
		"rss    240 MiB  heap=======strufio  itabs 1.23k +3/s  reflect +0/s\n"
		"    in use         share alloc rate BOXED TYPE AND WHERE          where\n"
		"> 12.0 MiB ▊       12.0%  512 KiB/s int64 -> interface {} in mai~ count.go:12\n"
		"  88.0 MiB █████▎  88.0% 12.0 MiB/s (not boxed)                   ?\n"
		"\n"
		"\n"
		"\n"
		"2 rows by boxing, inuse_space, sorted by value\n"
		"? help Enter stacks Tab next v value s sort / search f filter Space pause q quit\n");
	/* clang-format on */
	type_keys(ui, "r"); /* also in reverse */
	CHECK(strstr(line_of(picture(ui, 12, 80), 6), "(not boxed)"));
	CHECK(strstr(line_of(styles(ui, 12, 80), 6), "d"));
}

TEST("a cut table keeps the row of what is not boxed")
{
	struct service service;
	struct listing listing;

	scene(&service, AS_STACK(boxed), AS_STACK(ints));
	service.records[1].type = "uint8";
	CHECK_INT(listing_build(&service.snapshot, grouping_find("boxing"), VALUE_INUSE_SPACE, NULL,
				2, &listing),
		  0);
	CHECK_INT(listing.count, 2);
	CHECK_INT(listing.cut, 1);
	CHECK_STRING(listing.table.rows[0].name, "int64 -> interface {} in main.count");
	CHECK_STRING(listing.table.rows[1].name, "(not boxed)");
	CHECK_STRING(listing.table.rows[2].name, "uint8 -> interface {} in main.count");
	listing_clear(&listing);
}

static const char *const type_arguments[] = { "*main.Node", "int", "string" };
static const struct generic_function functions[] = { { "main.F[...]", 50, 3, type_arguments } };
static const struct generics generics = { 1, functions };

TEST("generic functions say how many of their instantiations allocate")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	scene(&service, AS_STACK(ints), AS_STACK(strings));
	service.snapshot.generics = &generics;
	ui = service_screen(&service, true);
	type_keys(ui, "4");
	/* clang-format off */
	CHECK_STRING(picture(ui, 10, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"cost   8.10k hits/s x 620 ns = 0.50% of a CPU, probes: 2  own 0.90%, 32.0 MiB\n"
		"heap   100 MiB of goal 200 MiB, 812k objects                                   █\n"
		"    in use         share alloc rate    shapes GENERIC FUNCTION    where\n"
		"> 88.0 MiB █████▎  88.0% 12.0 MiB/s      2/50 main.F[...]         f.go:7\n"
		"  12.0 MiB ▊       12.0%  512 KiB/s           (not generic)       print.go:239\n"
		"\n"
		"\n"
		"2 rows by generic, inuse_space, sorted by value\n"
		"? help Enter stacks Tab next v value s sort / search f filter Space pause q quit\n");
	/* clang-format on */
}

TEST("Enter lists the instantiations with their shares, and the types in the binary")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	scene(&service, AS_STACK(ints), AS_STACK(strings));
	service.snapshot.generics = &generics;
	ui = service_screen(&service, true);
	type_keys(ui, "4");
	ui_key(ui, CODE_ENTER);
	/* clang-format off */
	CHECK_STRING(picture(ui, 15, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"main.F[...]\n"
		"in main.F[go.shape.int]\n"
		"inuse_space 88.0 MiB (88.0% of all), 95% bounds: exact, samples: 88\n"
		"allocates 12.0 MiB/s, median age at death 1.52 s, type int64\n"
		"Instantiations that allocate: 2, in the binary: 50\n"
		"   72.7%  main.F[go.shape.int]\n"
		"   27.3%  main.F[go.shape.string]\n"
		"Type arguments in the binary: 3\n"
		"  *main.Node\n"
		"  int\n"
		"  string\n"
		"Source  /m/f.go:7\n"
		"2 rows by generic, inuse_space, sorted by value\n"
		"? help Esc back Tab next v value / search Space pause w write q quit t timeline\n");
	/* clang-format on */
}

TEST("size classes stand beside what the runtime counts, as much as is known")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	service.snapshot.classes[5] = (struct size_class){ .mallocs = 3 << 20,
							   .frees = 2 << 20,
							   .alloc_bytes = 3LL << 26,
							   .free_bytes = 2LL << 26 }; /* 48 B */
	service.records[0].object_bytes = service.records[1].object_bytes = 48;
	ui = service_screen(&service, true);
	type_keys(ui, "6");
	/* clang-format off */
	CHECK_STRING(picture(ui, 10, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"cost   8.10k hits/s x 620 ns = 0.50% of a CPU, probes: 2  own 0.90%, 32.0 MiB\n"
		"heap   100 MiB of goal 200 MiB, 812k objects                                   █\n"
		"    in use         share alloc rate    exact SIZE CLASS           where\n"
		"> 64.0 MiB ███▉    64.0% 2.00 MiB/s 64.0 MiB 48 B                 cache.go:42\n"
		"  24.0 MiB █▌      24.0% 10.0 MiB/s        ? 4096 B               buffer.go:249\n"
		"  12.0 MiB ▊       12.0%  512 KiB/s        ? 16 B                 print.go:239\n"
		"\n"
		"3 rows by class, inuse_space, sorted by value\n"
		"? help Enter stacks Tab next v value s sort / search f filter Space pause q quit\n");
	/* clang-format on */
	type_keys(ui, "v");
	CHECK(strstr(line_of(picture(ui, 10, 80), 3), "objects"));
	CHECK(strstr(line_of(picture(ui, 10, 80), 4), "1.05M 48 B"));
	type_keys(ui, "v");
	CHECK(strstr(line_of(picture(ui, 10, 80), 3), "from start SIZE CLASS"));
	CHECK(strstr(line_of(picture(ui, 10, 80), 4), "192 MiB 48 B"));
}

TEST("the help lists digits of groupings and screens, each once")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;
	int found = 0;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "?");
	for (size_t i = 0; i < ui->help.count; i++)
		found += !strncmp(ui->help.items[i].text, "  8 boxing ", 11) ||
			 !strncmp(ui->help.items[i].text, "  6 class ", 10);
	CHECK_INT(found, 2);
}
