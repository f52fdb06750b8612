/*
 * One HTML file that holds the profile, the page and its script: opens offline, asks no network for
 * anything. The page is user/export/flame.html, embedded by the assembler; this file makes the data
 * it shows. Also the JSON is made for size: a big server has a hundred thousand nodes.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json_text.h"
#include "export/flame_tree.h"
#include "export/formats.h"
#include "limits.h"
#include "model/goname.h"
#include "model/table.h"

/* Rows of the table of sites; the page says how many there are beyond. */
#define SITES_MAX 1000

/* Relative to the folder that make runs in. The NUL makes it a string. */
__asm__(".pushsection .rodata\n"
	"flame_page:\n"
	".incbin \"user/export/flame.html\"\n"
	"flame_page_end:\n"
	".byte 0\n"
	".popsection\n");
extern const char flame_page[] __attribute__((visibility("hidden")));
extern const char flame_page_end[] __attribute__((visibility("hidden")));

/* Where the data goes. */
#define PLACE "/*DATA*/null"

static json_t *make_short(const char *name)
{
	char label[LIMIT_NAME_BYTES];

	goname_short(name, 0, label, sizeof(label));
	return json_text(label);
}

enum text { FUNCTION, LABEL, FILE_NAME };

static json_t *make_text(const struct flame_name *name, enum text text)
{
	if (text == LABEL)
		return make_short(name->function);
	return json_text(text == FUNCTION ? name->function : name->file);
}

static json_t *make_names(const struct flame_tree *tree, enum text text)
{
	json_t *names = json_array();

	for (uint32_t i = 0; i < tree->name_count; i++)
		json_array_append_new(names, make_text(&tree->names[i], text));
	return json_complete(names, tree->name_count);
}

/* Depths and names in preorder are the whole tree. */
static json_t *make_column(const struct flame_tree *tree, bool depths)
{
	json_t *column = json_array();

	for (uint32_t i = 0; i < tree->count; i++)
		json_array_append_new(
			column, json_integer(depths ? tree->nodes[i].depth : tree->nodes[i].name));
	return json_complete(column, tree->count);
}

static json_t *make_self(const struct flame_tree *tree, enum value value, bool base)
{
	json_t *column = json_array();

	for (uint32_t i = 0; i < tree->count; i++) {
		const struct flame_node *node = &tree->nodes[i];

		json_array_append_new(column,
				      json_count(base ? node->base[value] : node->self[value]));
	}
	return json_complete(column, tree->count);
}

static json_t *make_values(const struct snapshot *snapshot, const struct flame_tree *tree,
			   bool base)
{
	json_t *self = json_object();
	size_t values = 0;

	for (int value = 0; value < VALUE_COUNT; value++)
		if (flame_has_value(snapshot, value)) {
			json_object_set_new(self, value_name(value), make_self(tree, value, base));
			values++;
		}
	return json_complete(self, values);
}

/* "base" is null where nothing is compared. */
static json_t *make_tree(const struct snapshot *snapshot, const struct export_options *options,
			 const struct flame_tree *tree)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "names", make_names(tree, FUNCTION),
			 "labels", make_names(tree, LABEL), "files", make_names(tree, FILE_NAME),
			 "name", make_column(tree, false), "depth", make_column(tree, true), "self",
			 make_values(snapshot, tree, false), "base",
			 options->base ? make_values(snapshot, tree, true) : json_null());
}

static json_t *make_site(const struct snapshot *snapshot, const struct row *row, bool from_start)
{
	json_t *values = json_object();
	size_t known = 0;

	for (int value = 0; value < VALUE_COUNT; value++) {
		const struct amount *amount = from_start ? &row->total : &row->begun;

		if (value_is_inuse(value))
			amount = &row->live;
		if (!flame_has_value(snapshot, value))
			continue;
		json_object_set_new(values, value_name(value),
				    json_count(amount_value(amount, value)));
		known++;
	}
	return json_pack("{s:o, s:o, s:I, s:o, s:I, s:o, s:o, s:o}", "name", json_text(row->name),
			 "file", json_text(row->file), "line", (json_int_t)row->line, "type",
			 row->type ? make_short(row->type) : json_null(), "samples",
			 (json_int_t)(from_start ? row->total : row->begun).samples, "low",
			 json_count(row->bounds.low), "high", json_count(row->bounds.high),
			 "values", json_complete(values, known));
}

static int add_sites(json_t *data, const struct snapshot *snapshot,
		     const struct export_options *options, enum value value)
{
	CLEANUP(table_clear) struct table table = { 0 };
	json_t *sites = json_array();
	int error = table_build(snapshot, grouping_find("site"), value, options->from_start, NULL,
				NULL, &table);

	for (size_t i = 0; error == 0 && i < table.count && i < SITES_MAX; i++)
		if (json_array_append_new(
			    sites, make_site(snapshot, &table.rows[i], options->from_start)) < 0)
			error = -ENOMEM;
	if (json_object_set_new(data, "sites", sites) < 0 ||
	    json_object_set_new(data, "site_count", json_integer((json_int_t)table.count)) < 0)
		return -ENOMEM;
	return error;
}

static json_t *make_losses(const struct snapshot *snapshot)
{
	json_t *losses = json_object();
	size_t reasons = 0;

	for (int loss = 0; loss < LOSS_COUNT; loss++)
		if (snapshot->losses[loss]) {
			json_object_set_new(losses, loss_meaning(loss),
					    json_integer((json_int_t)snapshot->losses[loss]));
			reasons++;
		}
	return json_complete(losses, reasons);
}

static json_t *make_head(const struct snapshot *snapshot, const struct export_options *options)
{
	bool dated = snapshot->time_unix_ns != UNKNOWN;

	return json_pack("{s:o, s:i, s:o, s:s, s:o, s:o, s:o, s:o, s:b, s:s, s:o}", "title",
			 json_text(options->title ? options->title : ""), "pid", snapshot->pid,
			 "go_version", json_text(snapshot->go_version ? snapshot->go_version : ""),
			 "mode", mode_name(snapshot->mode), "note",
			 snapshot->note ? json_text(snapshot->note) : json_null(), "time_unix_ms",
			 dated ? json_integer(snapshot->time_unix_ns / 1000000) : json_null(),
			 "rate_bytes", json_count(snapshot->sampling_rate_bytes), "elapsed_s",
			 isnan(snapshot->elapsed_s) ? json_null() : json_real(snapshot->elapsed_s),
			 "from_start", options->from_start, "value",
			 value_name(flame_first_value(snapshot, options)), "losses",
			 make_losses(snapshot));
}

static int make_data(const struct snapshot *snapshot, const struct export_options *options,
		     json_t **ret)
{
	CLEANUP(flame_tree_clear) struct flame_tree tree = { 0 };
	CLEANUP(cleanup_json) json_t *data = NULL;
	int error = flame_tree_build_pair(snapshot, options, &tree);
	json_t *made;

	if (error < 0)
		return error;
	data = make_head(snapshot, options);
	made = data ? make_tree(snapshot, options, &tree) : NULL;
	if (!made || json_object_set_new(data, "tree", made) < 0)
		return -ENOMEM;
	error = add_sites(data, snapshot, options, flame_first_value(snapshot, options));
	if (error < 0)
		return error;
	*ret = TAKE(data);
	return 0;
}

static int html_write(FILE *out, const struct snapshot *snapshot,
		      const struct export_options *options)
{
	CLEANUP(cleanup_json) json_t *data = NULL;
	const char *place = strstr(flame_page, PLACE);
	const char *after = place + strlen(PLACE);
	int error = make_data(snapshot, options, &data);

	if (error < 0)
		return error;
	fwrite(flame_page, 1, (size_t)(place - flame_page), out);
	error = json_write(out, data, true);
	if (error < 0)
		return error;
	fwrite(after, 1, (size_t)(flame_page_end - after), out);
	return ferror(out) ? -EIO : 0;
}

const struct exporter exporter_html = {
	.name = "html",
	.suffix = ".html",
	.differential = true,
	.summary = "interactive flame graph and table in one file, for any browser",
	.write = html_write,
};
