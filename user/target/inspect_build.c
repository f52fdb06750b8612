/* How the executable was made: facts about the file, build settings and modules (`go version -m`).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "limits.h"
#include "target/inspect_internal.h"

/* ---- the file ---- */

static const struct inspection_shape binary_shape = {
	.key = "binary",
	.title = "executable",
	.name = "fact",
	.facts = true,
	.unsorted = true,
	.columns = { { "value", "value", INSPECTION_TEXT, false, false } },
};

static bool has_section(const struct inspector *inspector, const char *name)
{
	return elf_image_section(inspector->image, name, NULL).length > 0;
}

static const char *yes_or_no(bool yes)
{
	return yes ? "yes" : "no";
}

static const char *setting(const struct inspector *inspector, const char *key)
{
	const char *value = buildinfo_setting(inspector->info, key);

	return value ? value : "(not said)";
}

struct fact {
	const char *name;
	struct inspection_value value;
};

static int add_facts(struct inspection_section *section, const struct fact *facts, size_t count)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < count; i++)
		error = inspect_fact(section, facts[i].name, facts[i].value);
	return error;
}

static int add_file_facts(struct inspector *inspector, struct inspection_section *section)
{
	bool dwarf =
		has_section(inspector, ".debug_info") || has_section(inspector, ".zdebug_info");
	const struct fact facts[] = {
		{ "go_version", inspection_text(buildinfo_version(inspector->info)->text) },
		{ "path", inspection_text(buildinfo_path(inspector->info)) },
		{ "architecture", inspection_text("x86-64") },
		{ "goamd64", inspection_text(setting(inspector, "GOAMD64")) },
		{ "build_mode", inspection_text(setting(inspector, "-buildmode")) },
		{ "pie", inspection_text(yes_or_no(elf_image_is_pie(inspector->image))) },
		{ "dynamically_linked",
		  inspection_text(yes_or_no(has_section(inspector, ".interp"))) },
		{ "race_detector",
		  inspection_text(yes_or_no(!strcmp(setting(inspector, "-race"), "true"))) },
		{ "symbols", inspection_text(yes_or_no(inspector->has_symbols)) },
		{ "dwarf", inspection_text(yes_or_no(dwarf)) },
		{ "file_bytes",
		  inspection_number((double)elf_image_bytes(inspector->image).length) },
	};

	return add_facts(section, facts, sizeof(facts) / sizeof(*facts));
}

/* The assembly of runtime/cgo is linked when anything uses cgo; CGO_ENABLED only allows it. */
static bool uses_cgo(const struct inspector *inspector)
{
	static const char *const names[] = { "crosscall2" };
	struct go_function found[1];

	return go_binary_find_functions(inspector->binary, names, 1, found) == 1;
}

static int add_table_facts(struct inspector *inspector, struct inspection_section *section)
{
	const struct go_module *module = go_binary_module(inspector->binary);
	const struct fact facts[] = {
		{ "cgo", inspection_text(yes_or_no(uses_cgo(inspector))) },
		{ "functions",
		  inspection_number((double)go_binary_function_count(inspector->binary)) },
		{ "text_bytes", inspection_number((double)(module->etext - module->text)) },
		{ "pclntab_bytes",
		  inspection_number((double)go_binary_table_bytes(inspector->binary)) },
		{ "data_bytes", inspection_number((double)(module->bss - module->noptrdata)) },
		{ "bss_bytes", inspection_number((double)(module->end - module->bss)) },
	};

	return add_facts(section, facts, sizeof(facts) / sizeof(*facts));
}

static int read_binary(struct inspector *inspector, struct inspection_section *section)
{
	int error = add_file_facts(inspector, section);

	if (error == 0 && inspector->binary)
		error = add_table_facts(inspector, section);
	if (!inspector->binary)
		inspection_note(section, "%s", inspector->refusal);
	return error;
}

const struct inspect_reader inspect_binary = { &binary_shape, false, read_binary };

/* ---- settings ---- */

static const struct inspection_shape settings_shape = {
	.key = "settings",
	.title = "build settings",
	.name = "setting",
	.facts = true,
	.unsorted = true,
	.columns = { { "value", "value", INSPECTION_TEXT, false, false } },
};

static int read_settings(struct inspector *inspector, struct inspection_section *section)
{
	const char *line;
	size_t at = 0;
	int error = 0;

	while (error == 0 && (line = buildinfo_line(inspector->info, &at)) != NULL) {
		const char *cut = strncmp(line, "build\t", 6) ? NULL : strchr(line, '=');
		const char *key, *value;

		if (!cut)
			continue;
		key = intern_bytes(inspector->intern, line + 6, (size_t)(cut - line - 6));
		value = key ? buildinfo_setting(inspector->info, key) : NULL;
		error = value ? inspect_fact(section, key, inspection_text(value)) : -ENOMEM;
	}
	if (!section->count)
		inspection_note(section, "the go command wrote none (a build with go build FILE.go "
					 "or another tool)");
	return error;
}

const struct inspect_reader inspect_settings = { &settings_shape, false, read_settings };

/* ---- modules ---- */

static const struct inspection_shape modules_shape = {
	.key = "modules",
	.title = "modules",
	.name = "path",
	.unsorted = true,
	.columns = { { "version", "version", INSPECTION_TEXT, false, false },
		     { "kind", "kind", INSPECTION_TEXT, false, false },
		     { "replaced_by", "replaced by", INSPECTION_TEXT, false, false },
		     { "sum", "sum", INSPECTION_TEXT, false, true } },
};

/* The next tab-separated field, interned; "" behind the last one. */
static const char *next_field(struct inspector *inspector, const char **at)
{
	size_t length = strcspn(*at, "\t");
	const char *field = intern_bytes(inspector->intern, *at, length);

	*at += length + ((*at)[length] == '\t');
	return field ? field : "";
}

/* "=>" belongs to the module before it. */
static int add_replacement(struct inspector *inspector, struct inspection_section *section,
			   const char *rest)
{
	AUTO_FREE char *text = NULL;
	const char *path = next_field(inspector, &rest);
	const char *version = next_field(inspector, &rest);
	const char *kept;

	if (!section->count)
		return 0;
	if (asprintf(&text, "%s%s%s", path, version[0] ? " " : "", version) < 0)
		return -ENOMEM;
	kept = intern_string(inspector->intern, text);
	if (!kept)
		return -ENOMEM;
	section->items[section->count - 1].values[2] = inspection_text(kept);
	return 0;
}

static int add_module(struct inspector *inspector, struct inspection_section *section,
		      const char *line)
{
	const char *kind = next_field(inspector, &line);
	struct inspection_row row = { 0 };

	if (!strcmp(kind, "=>"))
		return add_replacement(inspector, section, line);
	if (strcmp(kind, "mod") && strcmp(kind, "dep"))
		return 0;
	row.name = next_field(inspector, &line);
	row.values[0] = inspection_text(next_field(inspector, &line));
	row.values[1] = inspection_text(kind);
	row.values[2] = inspection_text("");
	row.values[3] = inspection_text(next_field(inspector, &line));
	return inspection_add(section, &row);
}

static int read_modules(struct inspector *inspector, struct inspection_section *section)
{
	const char *line;
	size_t at = 0;
	int error = 0;

	while (error == 0 && (line = buildinfo_line(inspector->info, &at)) != NULL)
		error = add_module(inspector, section, line);
	return error;
}

const struct inspect_reader inspect_modules = { &modules_shape, false, read_modules };
