/* The screen of what the resident memory consists of. */
#include "harness/test.h"
#include "view/service.h"

#define MIB 1048576

static void set_parts(struct rss *rss)
{
	for (int part = 0; part < RSS_PART_COUNT; part++)
		rss->parts[part] = 0;
	rss->parts[RSS_HEAP_OBJECTS] = 120 * MIB;
	rss->parts[RSS_HEAP_WASTE] = 20 * MIB;
	rss->parts[RSS_STACKS] = 30 * MIB;
	rss->parts[RSS_RUNTIME_SPANS] = 30 * MIB;
	rss->parts[RSS_BINARY_TEXT] = 20 * MIB;
	rss->parts[RSS_NATIVE] = 20 * MIB;
	rss->page_tables_bytes = MIB;
	rss->swap_bytes = 0;
}

TEST("m shows every part of RSS with its share and meaning, at 80x24")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	set_parts(&service.snapshot.rss);
	ui = service_screen(&service, true);
	type_keys(ui, "m");
	/* clang-format off */
	CHECK_STRING(picture(ui, 24, 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"resident  share  PART              what it is\n"
		" 240 MiB   100%  rss               all resident memory, as the kernel counts it\n"
		" 120 MiB  50.0%  heap_objects      Go objects, dead ones not yet swept included\n"
		"20.0 MiB  8.33%  heap_span_waste   free slots and tails of heap spans in use\n"
		"     0 B     0%  heap_free         free heap spans, not returned to the system\n"
		"     0 B     0%  heap_returned     returned to the system, yet resident\n"
		"30.0 MiB  12.5%  goroutine_stacks  goroutine stacks\n"
		"30.0 MiB  12.5%  runtime_spans     the runtime's span and cache structures\n"
		"     0 B     0%  runtime_gc        the collector's bitmaps and work buffers\n"
		"     0 B     0%  runtime_profiling profiling buckets\n"
		"     0 B     0%  runtime_other     itabs, finalizers, all else of the runtime\n"
		"20.0 MiB  8.33%  binary_text       the program's code and read-only data\n"
		"     0 B     0%  binary_data       the program's variables\n"
		"     0 B     0%  libraries         shared libraries\n"
		"     0 B     0%  files             other mapped files\n"
		"     0 B     0%  shared_memory     shared memory\n"
		"20.0 MiB  8.33%  native            C's heap, other anonymous memory not of Go\n"
		"     0 B     0%  native_stacks     stacks of threads\n"
		"     0 B     0%  remainder         what fits none of these\n"
		"1.00 MiB         page_tables       the kernel's page tables, not in RSS\n"
		"     0 B         swap              swapped out, not in RSS\n"
		"parts that sum to rss, and what is beside it\n"
		"? help Esc back v value / search Space pause w write q quit m memory t timeline\n");
	/* clang-format on */
}

TEST("a wide screen adds bars, and a kernel that names mappings is told of")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	set_parts(&service.snapshot.rss);
	service.snapshot.rss.named = true;
	ui = service_screen(&service, false);
	type_keys(ui, "m");
	/* clang-format off */
	CHECK_STRING(picture(ui, 25, 120),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"resident  share                   PART              what it is\n"
		" 240 MiB   100%  ################ rss               all resident memory, as the kernel counts it\n"
		" 120 MiB  50.0%  ########         heap_objects      Go objects, dead ones not yet swept included\n"
		"20.0 MiB  8.33%  #-               heap_span_waste   free slots and tails of heap spans in use\n"
		"     0 B     0%                   heap_free         free heap spans, not returned to the system\n"
		"     0 B     0%                   heap_returned     returned to the system, yet resident\n"
		"30.0 MiB  12.5%  ##               goroutine_stacks  goroutine stacks\n"
		"30.0 MiB  12.5%  ##               runtime_spans     the runtime's span and cache structures\n"
		"     0 B     0%                   runtime_gc        the collector's bitmaps and work buffers\n"
		"     0 B     0%                   runtime_profiling profiling buckets\n"
		"     0 B     0%                   runtime_other     itabs, finalizers, all else of the runtime\n"
		"20.0 MiB  8.33%  #-               binary_text       the program's code and read-only data\n"
		"     0 B     0%                   binary_data       the program's variables\n"
		"     0 B     0%                   libraries         shared libraries\n"
		"     0 B     0%                   files             other mapped files\n"
		"     0 B     0%                   shared_memory     shared memory\n"
		"20.0 MiB  8.33%  #-               native            C's heap, other anonymous memory not of Go\n"
		"     0 B     0%                   native_stacks     stacks of threads\n"
		"     0 B     0%                   remainder         what fits none of these\n"
		"1.00 MiB                          page_tables       the kernel's page tables, not in RSS\n"
		"     0 B                          swap              swapped out, not in RSS\n"
		"The kernel names Go's mappings: what is native was read.\n"
		"parts that sum to rss, and what is beside it\n"
		"? help Esc back v value / search Space pause w write q quit m memory t timeline\n");
	/* clang-format on */
}

TEST("parts stay on screen over intervals in which they were not read")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	set_parts(&service.snapshot.rss);
	ui = service_screen(&service, true);
	rss_init(&service.snapshot.rss);
	service.snapshot.rss.total_bytes = 260 * MIB;
	service_next(&service);
	ui_update(ui, &service.snapshot);
	CHECK(strstr(picture(ui, 24, 80), "rss    260 MiB  heap=======strufio"));
	type_keys(ui, "m");
	CHECK(strstr(picture(ui, 24, 80), " 120 MiB  50.0%  heap_objects "));
}

TEST("without parts the memory screen says so, and m, q and Escape go back")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	rss_init(&service.snapshot.rss);
	ui = service_screen(&service, true);
	type_keys(ui, "m");
	CHECK(strstr(picture(ui, 24, 80), "what the resident memory consists of is not known"));
	type_keys(ui, "m");
	CHECK(ui->screen == &screen_table);
	type_keys(ui, "mq");
	CHECK(ui->screen == &screen_table && !ui->quit);
}
