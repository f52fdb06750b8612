/* The caches as a screen, as text and as JSON. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/test.h"
#include "view/cache_page.h"
#include "view/json_cache.h"
#include "view/service.h"

static struct cache_function functions[] = {
	{ .glob = "main.*",
	  .function = "main.(*Cache[go.shape.string,int]).Load",
	  .entry = 0x1000,
	  .calls = { .begun.objects = 1200, .interval.objects = 200 },
	  .allocated = { .samples = 9, .objects = 1200, .bytes = 115200 },
	  .allocated_calls.objects = 1200 },
	{ .glob = "main.*",
	  .function = "main.size",
	  .entry = 0x2000,
	  .calls = { .begun.objects = NAN, .interval.objects = NAN },
	  .note = "not counted" },
};
static struct cache_pool pools[] = {
	{ .address = 0xc0de,
	  .name = "",
	  .made_by = "main.newBuffer",
	  .gets = { .begun.objects = 400, .interval.objects = 40 },
	  .puts.begun.objects = 400,
	  .misses.begun.objects = 100 },
};
static struct cache_map maps[] = {
	{ .address = 0xbeef,
	  .name = "main.names",
	  .loads = { .begun = { .objects = 5000, .objects_variance = 250000 },
		     .interval = { .objects = 500, .objects_variance = 2500 } },
	  .estimated = true },
};

static struct snapshot watched(void)
{
	return (struct snapshot){
		.interval_s = 1,
		.sampling_rate_bytes = 1,
		.cache_group = { .wanted = true,
				 .note = "a note",
				 .function_count = 2,
				 .functions = functions,
				 .pool_count = 1,
				 .pools = pools,
				 .map_count = 1,
				 .maps = maps,
				 .pools_emptied = 7,
				 .pools_emptied_interval = 2 },
	};
}

static void check_line(const struct page *page, size_t line, const char *expected)
{
	CHECK(line < page->count);
	CHECK_STRING(page->items[line].text, expected);
}

TEST("the page of caches has functions, pools and maps; estimates have a tilde or a range")
{
	struct snapshot snapshot = watched();
	struct page page = { 0 };

	cache_page(&snapshot, &page);
	check_line(&page, 0, "a note");
	check_line(&page, 2,
		   "        200/s    1.20k           96 B            1      ?  "
		   "main.(*Cache[string,int]).Load");
	check_line(&page, 3,
		   "            ?        ?              ?            ?      ?  "
		   "main.size (not counted)");
	check_line(&page, 5,
		   "         40/s      400      400      100  25.0%  0xc0de                   "
		   "main.newBuffer");
	check_line(&page, 6,
		   "emptied by the garbage collector: 7 times, 2 of them in the interval");
	check_line(&page, 8, "    407-608/s   ~5.00k           0/s        0        0  main.names");
	CHECK_INT(page.count, 9);
	page_clear(&page);
}

TEST("without --cache the page says how to ask for it")
{
	struct snapshot snapshot = { 0 };
	struct page page = { 0 };

	cache_page(&snapshot, &page);
	CHECK_INT(page.count, 1);
	CHECK(strstr(page.items[0].text, "--cache GLOB"));
	page_clear(&page);
}

TEST("key 7 opens the caches, and again leads back to the table")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	ui_key(ui, '7');
	CHECK(ui->screen == &screen_cache && ui->caches.count > 0);
	CHECK(strstr(picture(ui, 24, 80), "functions of --cache: 0, pools: 0, maps: 0\n"));
	ui_key(ui, '7');
	CHECK(ui->screen == &screen_table);
}

TEST("JSON of caches has exact numbers without width, estimates with it, and null for the unknown")
{
	struct snapshot snapshot = watched();
	json_t *json CLEANUP(cleanup_json) = cache_json(&snapshot);
	const json_t *calls, *loads;

	CHECK(json);
	calls = json_object_get(json_array_get(json_object_get(json, "functions"), 0), "calls");
	CHECK_INT(json_integer_value(json_object_get(calls, "count")), 1200);
	CHECK_INT(json_integer_value(json_object_get(calls, "low")), 1200);
	CHECK_INT(json_integer_value(json_object_get(calls, "high")), 1200);
	calls = json_object_get(json_array_get(json_object_get(json, "functions"), 1), "calls");
	CHECK(json_is_null(json_object_get(calls, "count")));
	loads = json_object_get(json_array_get(json_object_get(json, "maps"), 0), "loads");
	CHECK(json_integer_value(json_object_get(loads, "low")) < 5000);
	CHECK(json_integer_value(json_object_get(loads, "high")) > 5000);
	CHECK_INT(json_integer_value(json_object_get(json, "pools_emptied")), 7);
}
