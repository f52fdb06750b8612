/* Three tables of fixed columns: functions, pools, maps, and what is to be known of them. Numbers
 * that are estimated have a tilde, or their range. */
#include "view/cache_page.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/vec.h"
#include "model/cache_costs.h"
#include "model/goname.h"

struct shown {
	char text[40];
};

static struct shown count_cell(const struct amount *amount)
{
	struct shown cell;

	snprintf(cell.text, sizeof(cell.text), "%s%s", amount->objects_variance > 0 ? "~" : "",
		 number_count(amount->objects).text);
	return cell;
}

/* From where to where it is when it is estimated: an interval has few windows, or none of its own.
 */
static struct shown rate_cell(const struct amount *amount, double interval_s)
{
	double seconds = interval_s > 0 ? interval_s : NAN;
	struct interval bounds = amount_interval(amount->objects, amount->objects_variance);
	struct shown cell;

	if (amount->objects_variance > 0)
		snprintf(cell.text, sizeof(cell.text), "%s/s",
			 number_range(bounds.low / seconds, bounds.high / seconds, false).text);
	else
		snprintf(cell.text, sizeof(cell.text), "%s",
			 number_count_rate(amount->objects / seconds).text);
	return cell;
}

/* The value, or from where to where it is when that is not one number. */
static struct shown cost_cell(const struct cache_cost *cost, int bytes)
{
	bool wide = !(cost->bounds.high <= cost->bounds.low * 1.001);
	struct number number = bytes ? number_bytes(cost->value) : number_count(cost->value);
	struct shown cell;

	if (wide)
		number = number_range(cost->bounds.low, cost->bounds.high, bytes);
	snprintf(cell.text, sizeof(cell.text), "%s", number.text);
	return cell;
}

static int descending(double a, double b)
{
	a = isnan(a) ? -1 : a;
	b = isnan(b) ? -1 : b;
	return (a < b) - (a > b);
}

/* By the newest calls, then by all of them; `tie` orders what is equal. */
static int by_counts(const struct cache_calls *a, const struct cache_calls *b, int tie)
{
	int order = descending(a->interval.objects, b->interval.objects);

	if (!order)
		order = descending(a->begun.objects, b->begun.objects);
	return order ? order : tie;
}

static int by_calls(const void *left, const void *right)
{
	const struct cache_function *a = left, *b = right;

	return by_counts(&a->calls, &b->calls, (a->entry > b->entry) - (a->entry < b->entry));
}

static int by_gets(const void *left, const void *right)
{
	const struct cache_pool *a = left, *b = right;

	return by_counts(&a->gets, &b->gets, (a->address > b->address) - (a->address < b->address));
}

static int by_loads(const void *left, const void *right)
{
	const struct cache_map *a = left, *b = right;

	return by_counts(&a->loads, &b->loads,
			 (a->address > b->address) - (a->address < b->address));
}

static struct amount allocated(const struct snapshot *snapshot)
{
	struct amount sum = { 0 };

	for (size_t i = 0; i < snapshot->record_count; i++)
		amount_add(&sum, &snapshot->records[i].begun);
	return sum;
}

static void add_function(const struct snapshot *snapshot, const struct cache_function *function,
			 double all_bytes, struct page *page)
{
	struct cache_cost bytes = cache_bytes_per_call(function, snapshot->sampling_rate_bytes),
			  objects = cache_objects_per_call(function, snapshot->sampling_rate_bytes);
	double share = all_bytes > 0 ? function->allocated.bytes / all_bytes : NAN;
	char name[512];

	goname_short(function->function, 0, name, sizeof(name));
	page_add(page, STYLE_PLAIN, "%13s %8s %14s %12s %6s  %s%s%s%s",
		 rate_cell(&function->calls.interval, snapshot->interval_s).text,
		 count_cell(&function->calls.begun).text, cost_cell(&bytes, true).text,
		 cost_cell(&objects, false).text, number_share(share).text, name,
		 function->note ? " (" : "", function->note ? function->note : "",
		 function->note ? ")" : "");
}

static void add_functions(const struct snapshot *snapshot, struct page *page)
{
	const struct cache_group *group = &snapshot->cache_group;
	struct cache_function *rows AUTO_FREE =
		vec_copy(group->functions, group->function_count, sizeof(*rows));
	double all_bytes = allocated(snapshot).bytes;

	if (!rows || !group->function_count)
		return;
	qsort(rows, group->function_count, sizeof(*rows), by_calls);
	page_section(page, "%13s %8s %14s %12s %6s  %s", "calls/s", "calls", "bytes/call",
		     "objects/call", "share", "FUNCTION");
	for (size_t i = 0; i < group->function_count; i++)
		add_function(snapshot, &rows[i], all_bytes, page);
}

static struct shown object_name(const char *name, uint64_t address)
{
	struct shown cell;

	if (*name)
		snprintf(cell.text, sizeof(cell.text), "%s", name);
	else
		snprintf(cell.text, sizeof(cell.text), "0x%" PRIx64, address);
	return cell;
}

static void add_pool(const struct cache_pool *pool, double interval_s, struct page *page)
{
	double missed = pool->misses.begun.objects / pool->gets.begun.objects;
	char made_by[256] = "no New: misses are not known";

	if (pool->made_by)
		goname_short(pool->made_by, 0, made_by, sizeof(made_by));
	page_add(page, STYLE_PLAIN, "%13s %8s %8s %8s %6s  %-24s %s",
		 rate_cell(&pool->gets.interval, interval_s).text,
		 count_cell(&pool->gets.begun).text, count_cell(&pool->puts.begun).text,
		 count_cell(&pool->misses.begun).text, number_share(missed).text,
		 object_name(pool->name, pool->address).text, made_by);
}

static void add_pools(const struct snapshot *snapshot, struct page *page)
{
	const struct cache_group *group = &snapshot->cache_group;
	struct cache_pool *rows AUTO_FREE =
		vec_copy(group->pools, group->pool_count, sizeof(*rows));

	if (!rows || !group->pool_count)
		return;
	qsort(rows, group->pool_count, sizeof(*rows), by_gets);
	page_section(page, "%13s %8s %8s %8s %6s  %-24s %s", "gets/s", "gets", "puts", "misses",
		     "missed", "POOL", "New");
	for (size_t i = 0; i < group->pool_count; i++)
		add_pool(&rows[i], snapshot->interval_s, page);
	page_add(page, STYLE_DIM,
		 "emptied by the garbage collector: %" PRIu64 " times, %" PRIu64
		 " of them in the interval",
		 group->pools_emptied, group->pools_emptied_interval);
}

static void add_maps(const struct snapshot *snapshot, struct page *page)
{
	const struct cache_group *group = &snapshot->cache_group;
	struct cache_map *rows AUTO_FREE = vec_copy(group->maps, group->map_count, sizeof(*rows));

	if (!rows || !group->map_count)
		return;
	qsort(rows, group->map_count, sizeof(*rows), by_loads);
	page_section(page, "%13s %8s %13s %8s %8s  %s", "loads/s", "loads", "stores/s", "stores",
		     "others", "MAP");
	for (size_t i = 0; i < group->map_count; i++)
		page_add(page, STYLE_PLAIN, "%13s %8s %13s %8s %8s  %s",
			 rate_cell(&rows[i].loads.interval, snapshot->interval_s).text,
			 count_cell(&rows[i].loads.begun).text,
			 rate_cell(&rows[i].stores.interval, snapshot->interval_s).text,
			 count_cell(&rows[i].stores.begun).text,
			 count_cell(&rows[i].others.begun).text,
			 object_name(rows[i].name, rows[i].address).text);
}

void cache_page(const struct snapshot *snapshot, struct page *page)
{
	const struct cache_group *group = &snapshot->cache_group;

	page_clear(page);
	if (!group->wanted) {
		page_add(page, STYLE_DIM,
			 "caches are not watched: --cache GLOB or --by cache asks for it");
		return;
	}
	if (group->note)
		page_add(page, STYLE_ALARM, "%s", group->note);
	add_functions(snapshot, page);
	add_pools(snapshot, page);
	add_maps(snapshot, page);
	if (!group->function_count && !group->pool_count && !group->map_count)
		page_add(page, STYLE_DIM, "no call of a cache was seen yet");
}
