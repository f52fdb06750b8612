/* The fixture of the pictures. Numbers are round so that a reader can check a picture by head. */
#include "view/service.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIB 1048576.0
#define STACK(n, name)                                                                             \
	static struct {                                                                            \
		uint32_t count;                                                                    \
		struct frame frames[n];                                                            \
	} name
#define AS_STACK(name) ((const struct stack *)(const void *)&(name))
#define STORE                                                                                      \
	"example.com/shop/cache.(*GenericCache[go.shape.string,go.shape.*"                         \
	"example.com/shop/model.Item]).Store"

/* wcwidth knows characters only in a UTF-8 locale */
__attribute__((constructor)) static void use_unicode(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

/* clang-format off */
STACK(5, put_stack) = { 5, {
	{ "runtime.newobject", "/go/runtime/malloc.go", 1714, 1, 1, true, 0 },
	{ STORE, "/nonexistent/cache.go", 42, 40, 2, true, 0 },
	{ "main.handlePut", "/nonexistent/main.go", 88, 80, 2, false, 0 },
	{ "net/http.HandlerFunc.ServeHTTP", "/go/net/http/server.go", 2136, 2130, 3, false, 0 },
	{ "main.main", "/nonexistent/main.go", 20, 10, 4, false, 0 } } };
STACK(4, warm_stack) = { 4, {
	{ "runtime.newobject", "/go/runtime/malloc.go", 1714, 1, 1, true, 0 },
	{ STORE, "/nonexistent/cache.go", 42, 40, 2, false, 0 },
	{ "main.warmUp", "/nonexistent/main.go", 188, 180, 5, false, 0 },
	{ "main.main", "/nonexistent/main.go", 19, 10, 6, false, 0 } } };
STACK(2, get_stack) = { 2, {
	{ "bytes.growSlice", "/go/bytes/buffer.go", 249, 240, 7, false, 0 },
	{ "main.handleGet", "/nonexistent/main.go", 61, 60, 8, false, 0 } } };
STACK(1, print_stack) = { 1, {
	{ "fmt.Sprintf", "/go/fmt/print.go", 239, 230, 9, false, 0 } } };
/* clang-format on */

/* Exact, one sample per MiB. */
static struct amount amount(double mib, uint64_t object_bytes)
{
	return (struct amount){ .samples = (uint64_t)mib,
				.objects = mib * MIB / (double)object_bytes,
				.bytes = mib * MIB };
}

static struct record record(uint64_t id, const struct stack *stack, const char *type,
			    uint64_t object_bytes, double live_mib, double begun_mib,
			    double interval_mib)
{
	return (struct record){
		.id = id,
		.stack = stack,
		.type = type,
		.object_bytes = object_bytes,
		.live = amount(live_mib, object_bytes),
		.begun = amount(begun_mib, object_bytes),
		.total = amount(begun_mib, object_bytes),
		.interval = amount(interval_mib, object_bytes),
	};
}

static void set_head(struct snapshot *snapshot)
{
	snapshot->time_unix_ns = 1700000005000000000;
	snapshot->interval_s = 1;
	snapshot->elapsed_s = 5;
	snapshot->pid = 4242;
	snapshot->comm = "shop-server";
	snapshot->go_version = "go1.23.4";
	snapshot->mode = MODE_SAMPLER;
	snapshot->sampling_rate_bytes = 524288;
	snapshot->has_live = snapshot->has_total = true;
	snapshot->heap = (struct heap_counters){
		5000000000, 100 * 1048576, 812345, 200 * 1048576, 90000000, 89187655, 1.5e9, 2.01e7,
	};
	snapshot->gc = (struct gc_counters){ 60, 12300000, 120000, 12.1, 0.023 };
	/* tenths, so that the bar can be counted */
	snapshot->rss.total_bytes = 240 * 1048576;
	snapshot->rss.heap_bytes = 140 * 1048576;
	snapshot->rss.stacks_bytes = 30 * 1048576;
	snapshot->rss.runtime_bytes = 30 * 1048576;
	snapshot->rss.file_bytes = 20 * 1048576;
	snapshot->rss.other_bytes = 20 * 1048576;
	snapshot->types = (struct type_counters){ 1234, 3, 0, NAN };
	snapshot->cost = (struct cost){ 2, 8100, 620, 0.5022, 0.9, 32 * 1048576, UNKNOWN };
}

void service_init(struct service *service)
{
	struct record *records = service->records;

	records[0] = record(1, AS_STACK(put_stack), "example.com/shop/model.Item", 64, 48, 100, 2);
	records[1] = record(2, AS_STACK(warm_stack), "example.com/shop/model.Item", 64, 16, 20, 0);
	records[2] = record(3, AS_STACK(get_stack), "uint8", 4096, 24, 60, 10);
	records[3] = record(4, AS_STACK(print_stack), NULL, 16, 12, 20, 0.5);
	/* as if 12 MiB were estimated from 100 samples */
	records[3].live.samples = 100;
	records[3].live.bytes_variance = 12 * MIB * 12 * MIB / 100;
	records[2].ages.slots[20] = 7; /* deaths at 2^30..2^31 ns */
	snapshot_init(&service->snapshot);
	set_head(&service->snapshot);
	service->snapshot.records = records;
	service->snapshot.record_count = SERVICE_RECORDS;
}

void service_next(struct service *service)
{
	service->snapshot.time_unix_ns += 1000000000;
	service->snapshot.elapsed_s += 1;
}

struct ui *service_screen(struct service *service, bool unicode)
{
	struct view_options options = { .grouping = grouping_find("site"),
					.value = VALUE_INUSE_SPACE };
	struct ui *ui = NULL;

	if (ui_new(NULL, &options, unicode, &ui) < 0)
		abort();
	ui->now_unix_ns = service->snapshot.time_unix_ns;
	ui_update(ui, &service->snapshot);
	return ui;
}

static const char *print(struct ui *ui, int rows, int columns,
			 void (*printer)(const struct canvas *canvas, int rows, FILE *out))
{
	static char text[1 << 16];
	AUTO_CANVAS struct canvas *canvas = NULL;
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (!out || canvas_new(rows, columns, ui->unicode, &canvas) < 0)
		abort();
	ui_draw(ui, canvas);
	printer(canvas, rows, out);
	fclose(out);
	return text;
}

const char *picture(struct ui *ui, int rows, int columns)
{
	return print(ui, rows, columns, canvas_to_text);
}

const char *styles(struct ui *ui, int rows, int columns)
{
	return print(ui, rows, columns, canvas_to_styles);
}

const char *line_of(const char *text, int line)
{
	static char found[2048];

	while (line-- > 0 && text)
		text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL;
	snprintf(found, sizeof(found), "%.*s", text ? (int)strcspn(text, "\n") : 0,
		 text ? text : "");
	return found;
}

void type_keys(struct ui *ui, const char *keys)
{
	for (; *keys; keys++)
		ui_key(ui, (unsigned char)*keys);
}
