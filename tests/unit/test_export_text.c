/* The registry, folded stacks, speedscope, SVG and HTML. */
#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "base/cleanup.h"
#include "export/flame_tree.h"
#include "unit/export_fixture.h"

TEST("formats are found by name, else by the longest ending")
{
	CHECK_STRING(exporter_find("svg", "x.html")->name, "svg");
	CHECK_STRING(exporter_find(NULL, "a/b.speedscope.json")->name, "speedscope");
	CHECK_STRING(exporter_find(NULL, "x.pb.gz")->name, "pprof");
	CHECK_STRING(exporter_find(NULL, "x.html")->name, "html");
	CHECK(exporter_find(NULL, "x.json") == NULL);
	CHECK(exporter_find(NULL, "html") == NULL);
	CHECK(exporter_find(NULL, NULL) == NULL);
	CHECK(exporter_find("jpeg", "x.svg") == NULL);
}

TEST("folded stacks are root first, merged, without the allocator and without zeros")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	char *begun AUTO_FREE =
		fixture_export("folded", &snapshot, VALUE_ALLOC_OBJECTS, false, NULL);
	char *total AUTO_FREE = fixture_export("folded", &snapshot, VALUE_ALLOC_SPACE, true, NULL);
	char *live AUTO_FREE = fixture_export("folded", &snapshot, VALUE_INUSE_SPACE, true, NULL);

	CHECK_STRING(begun, "(stack not known) 1\n"
			    "main.main;main.outer 20\n"
			    "main.main;main.outer;main.inner 10\n");
	CHECK_STRING(total, "(stack not known) 16\n"
			    "main.main;main.outer 3200\n"
			    "main.main;main.outer;main.inner 17600\n"
			    "runtime.newproc1;runtime.malg 112\n");
	CHECK_STRING(live, "(stack not known) 16\n"
			   "main.main;main.outer;main.inner 640\n"
			   "runtime.newproc1;runtime.malg 112\n");
}

TEST("folded names cannot break the line")
{
	static const struct fixture_stack odd = { 1,
						  { { .function = "main.a;b\nc d", .file = "" } } };
	struct record record = fixture_record(1, &odd, NULL, 3, 3, 3);
	struct snapshot snapshot;
	char *text AUTO_FREE = NULL;

	snapshot_init(&snapshot);
	snapshot.records = &record;
	snapshot.record_count = 1;
	text = fixture_export("folded", &snapshot, VALUE_ALLOC_OBJECTS, true, NULL);
	CHECK_STRING(text, "main.a\\x3bb\\nc d 3\n");
}

TEST("where nothing is known of what is alive, an inuse value becomes its alloc counterpart")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	char *text AUTO_FREE = NULL;

	snapshot.has_live = false;
	text = fixture_export("folded", &snapshot, VALUE_INUSE_OBJECTS, false, NULL);
	CHECK(strstr(text, "main.main;main.outer 20\n") != NULL);
}

TEST("a tree's totals are the sums below, its nodes in preorder")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	CLEANUP(flame_tree_clear) struct flame_tree tree = { 0 };
	double sum = 0;

	CHECK_INT(flame_tree_build(&snapshot, true, &tree), 0);
	for (int i = 0; i < FIXTURE_RECORDS; i++)
		sum += records[i].total.bytes;
	CHECK(tree.nodes[0].total[VALUE_ALLOC_SPACE] == sum);
	CHECK_INT(tree.count, 7); /* all, lost, main, outer, inner, newproc1, malg */
	CHECK_INT(tree.nodes[0].end, 7);
	CHECK_INT(tree.depth, 3);
	for (uint32_t i = 1; i < tree.count; i++) {
		const struct flame_node *node = &tree.nodes[i], *parent = &tree.nodes[node->parent];

		CHECK(node->parent < i && i < parent->end && node->end <= parent->end);
		CHECK_INT(node->depth, parent->depth + 1);
	}
	CHECK_STRING(tree.names[tree.nodes[3].name].function, "main.outer");
	CHECK(tree.nodes[3].total[VALUE_ALLOC_OBJECTS] == 1300);
	CHECK(tree.nodes[3].self[VALUE_ALLOC_OBJECTS] == 200);
}

static json_t *parse(const char *text, size_t size)
{
	json_error_t error;
	json_t *value = json_loadb(text, size, 0, &error);

	if (!value)
		test_fail(__FILE__, __LINE__, "not JSON: %s at %d", error.text, error.position);
	return value;
}

static json_int_t sum_of(const json_t *numbers)
{
	json_int_t sum = 0;

	for (size_t i = 0; i < json_array_size(numbers); i++)
		sum += json_integer_value(json_array_get(numbers, i));
	return sum;
}

TEST("speedscope gets one profile per value, whose weights add up and whose frames exist")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	size_t size;
	char *text AUTO_FREE =
		fixture_export("speedscope", &snapshot, VALUE_INUSE_SPACE, true, &size);
	json_t *file = parse(text, size), *profiles = json_object_get(file, "profiles");
	size_t frames = json_array_size(json_object_get(json_object_get(file, "shared"), "frames"));
	json_t *active = json_array_get(
		profiles, (size_t)json_integer_value(json_object_get(file, "activeProfileIndex")));

	CHECK_INT(json_array_size(profiles), 4);
	CHECK_STRING(json_string_value(json_object_get(active, "name")), "inuse_space");
	CHECK_STRING(json_string_value(json_object_get(active, "unit")), "bytes");
	CHECK_INT(sum_of(json_object_get(active, "weights")), 48 * 16);
	CHECK_INT(json_integer_value(json_object_get(active, "endValue")), 48 * 16);
	for (size_t p = 0; p < 4; p++) {
		json_t *profile = json_array_get(profiles, p);
		json_t *samples = json_object_get(profile, "samples");

		CHECK_STRING(json_string_value(json_object_get(profile, "type")), "sampled");
		CHECK_INT(json_array_size(samples),
			  json_array_size(json_object_get(profile, "weights")));
		for (size_t s = 0; s < json_array_size(samples); s++)
			for (size_t f = 0; f < json_array_size(json_array_get(samples, s)); f++)
				CHECK(json_integer_value(json_array_get(json_array_get(samples, s),
									f)) < (json_int_t)frames);
	}
	json_decref(file);
}

static size_t occurrences(const char *text, const char *what)
{
	size_t count = 0;

	while ((text = strstr(text, what))) {
		count++;
		text += strlen(what);
	}
	return count;
}

/* A name that would break out of every format, in a stack that all formats show. */
static const struct fixture_stack hostile = {
	1, { { .function = "main.</script><b>\"&\xff\x01", .file = "</script>" } }
};

static struct snapshot hostile_snapshot(struct record *record)
{
	struct snapshot snapshot;

	*record = fixture_record(1, &hostile, "</script>", 3, 3, 3);
	snapshot_init(&snapshot);
	snapshot.records = record;
	snapshot.record_count = 1;
	return snapshot;
}

TEST("the SVG shows every function with its numbers")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	char *text AUTO_FREE = fixture_export("svg", &snapshot, VALUE_ALLOC_SPACE, true, NULL);

	CHECK_INT(occurrences(text, "<title>"), 7);
	CHECK(strstr(text,
		     "<title>main.inner\nalloc_space: 17.2 KiB (17600, 84.10 %), self 17.2 KiB "
		     "(17600)</title>") != NULL);
	CHECK_INT(occurrences(text, "<g>"), occurrences(text, "</g>"));
}

TEST("names cannot break out of the SVG")
{
	struct record record;
	struct snapshot snapshot = hostile_snapshot(&record);
	char *text AUTO_FREE = fixture_export("svg", &snapshot, VALUE_ALLOC_SPACE, true, NULL);

	CHECK(strstr(text, "<title>main.&lt;/script&gt;&lt;b&gt;&quot;&amp;??\n") != NULL);
	CHECK(strstr(text, "<b>") == NULL);
}

TEST("an empty profile is still a whole picture and page")
{
	struct snapshot snapshot;
	char *svg AUTO_FREE = NULL, *html AUTO_FREE = NULL, *folded AUTO_FREE = NULL;

	snapshot_init(&snapshot);
	svg = fixture_export("svg", &snapshot, VALUE_INUSE_SPACE, true, NULL);
	html = fixture_export("html", &snapshot, VALUE_INUSE_SPACE, true, NULL);
	folded = fixture_export("folded", &snapshot, VALUE_INUSE_SPACE, true, NULL);
	CHECK_STRING(svg + strlen(svg) - 7, "</svg>\n");
	CHECK_STRING(html + strlen(html) - 8, "</html>\n");
	CHECK_STRING(folded, "");
}

/* The data between its assignment and the end of that line. */
static json_t *page_data(const char *html)
{
	static const char start[] = "const data = ";
	const char *data = strstr(html, start), *end = data ? strstr(data, ";\n") : NULL;

	CHECK(data && end);
	data += strlen(start);
	return parse(data, (size_t)(end - data));
}

TEST("the HTML holds the tree, its labels and the sites")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	char *text AUTO_FREE = fixture_export("html", &snapshot, VALUE_INUSE_SPACE, true, NULL);
	json_t *data = page_data(text), *tree = json_object_get(data, "tree");
	json_t *self = json_object_get(tree, "self");

	CHECK_INT(json_array_size(json_object_get(tree, "depth")), 7);
	CHECK_INT(json_object_size(self), 4);
	CHECK_INT(sum_of(json_object_get(self, "alloc_objects")), 1308);
	CHECK_INT(sum_of(json_object_get(self, "inuse_space")), 48 * 16);
	CHECK_INT(json_integer_value(json_object_get(data, "site_count")), 4);
	CHECK_STRING(json_string_value(json_object_get(data, "value")), "inuse_space");
	CHECK_INT(occurrences(text, "http://") + occurrences(text, "https://"), 0);
	json_decref(data);
}

TEST("names cannot break out of the HTML")
{
	struct record record;
	struct snapshot snapshot = hostile_snapshot(&record);
	char *text AUTO_FREE = fixture_export("html", &snapshot, VALUE_ALLOC_SPACE, true, NULL);
	json_t *data = page_data(text), *names;

	CHECK_INT(occurrences(text, "</script>"), 1);
	names = json_object_get(json_object_get(data, "tree"), "names");
	CHECK_STRING(json_string_value(json_array_get(names, 1)), "main.</script><b>\"&?\x01");
	json_decref(data);
}

TEST("a full disk is an error of every format")
{
	struct record records[FIXTURE_RECORDS];
	struct snapshot snapshot = fixture_snapshot(records);
	struct export_options options = { .value = VALUE_ALLOC_SPACE,
					  .from_start = true,
					  .title = "program" };

	for (size_t i = 0; exporters[i]; i++) {
		FILE *full AUTO_FCLOSE = fopen("/dev/full", "w");

		if (!full)
			test_skip("no /dev/full");
		setvbuf(full, NULL, _IONBF, 0);
		CHECK_INT(exporters[i]->write(full, &snapshot, &options), -EIO);
	}
}
