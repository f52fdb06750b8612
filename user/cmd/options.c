/* Option tables over getopt_long. */
#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "model/glob.h"
#include "cmd/parse.h"

#define OPTIONS_MAX 64
#define NEAR_ENOUGH 2 /* letters that may be wrong in an option that is suggested */
/* Values of long options: their index beyond every letter. */
#define OPTION_BASE 256

struct getopt_view {
	struct option options[OPTIONS_MAX + 1];
	const struct option_row *rows[OPTIONS_MAX];
	char letters[2 * OPTIONS_MAX + 3];
	int count;
};

static void view_add(struct getopt_view *view, const struct option_row *row)
{
	size_t length = strlen(view->letters);

	view->options[view->count] = (struct option){
		.name = row->name,
		.has_arg = row->argument ? required_argument : no_argument,
		.val = OPTION_BASE + view->count,
	};
	view->rows[view->count++] = row;
	if (!row->letter)
		return;
	view->letters[length++] = row->letter;
	if (row->argument)
		view->letters[length++] = ':';
	view->letters[length] = 0;
}

/* '+': the command line of a program to start is not ours to permute; ':': we say ourselves what is
 * wrong. */
static void view_build(struct getopt_view *view, const struct option_row *const *tables)
{
	memset(view, 0, sizeof(*view));
	strcpy(view->letters, "+:");
	for (; *tables; tables++)
		for (const struct option_row *row = *tables; row->name; row++)
			if (view->count < OPTIONS_MAX)
				view_add(view, row);
}

static const struct option_row *view_row(const struct getopt_view *view, int value)
{
	if (value >= OPTION_BASE)
		return view->rows[value - OPTION_BASE];
	for (int i = 0; i < view->count; i++)
		if (view->rows[i]->letter == value)
			return view->rows[i];
	return NULL;
}

/* The long option that looks most like the text, NULL when none does. */
static const char *nearest_option(const struct getopt_view *view, const char *text)
{
	const char *nearest = NULL, *name = text + strspn(text, "-");
	size_t best = NEAR_ENOUGH;

	for (int i = 0; i < view->count; i++) {
		size_t distance = glob_distance(name, view->rows[i]->name, best);

		if (distance <= best && (!nearest || distance < best)) {
			best = distance;
			nearest = view->rows[i]->name;
		}
	}
	return nearest;
}

static int refuse_long(const struct getopt_view *view, char **argv, const char *text)
{
	AUTO_FREE char *name = strndup(text, strcspn(text, "="));
	const char *nearest = name ? nearest_option(view, name) : NULL;

	if (nearest)
		return diag_fail(-EINVAL,
				 "no option '%s' (see 'heaptap help %s'); did you mean '--%s'?",
				 text, argv[0], nearest);
	return diag_fail(-EINVAL, "no option '%s' (see 'heaptap help %s')", text, argv[0]);
}

static int refuse(const struct getopt_view *view, char **argv, int value)
{
	const char *text = argv[optind - 1];

	if (value == ':')
		return diag_fail(-EINVAL, "option '%s' needs a value (see 'heaptap help %s')", text,
				 argv[0]);
	if (optopt && optopt < OPTION_BASE)
		return diag_fail(-EINVAL, "no option '-%c' (see 'heaptap help %s')", optopt,
				 argv[0]);
	return refuse_long(view, argv, text);
}

int options_parse(int argc, char **argv, const struct option_row *const *tables, void *values,
		  int *ret_rest, int *ret_separated)
{
	struct getopt_view view;
	int value;

	view_build(&view, tables);
	optind = 0;
	opterr = 0;
	while ((value = getopt_long(argc, argv, view.letters, view.options, NULL)) != -1) {
		const struct option_row *row =
			value == '?' || value == ':' ? NULL : view_row(&view, value);

		if (!row)
			return refuse(&view, argv, value);
		if (row->parse(row->name, optarg, (char *)values + row->offset) < 0)
			return -EINVAL;
	}
	*ret_rest = optind;
	*ret_separated = optind > 0 && optind <= argc && !strcmp(argv[optind - 1], "--");
	return 0;
}

static void print_choices(FILE *out, const struct option_row *row)
{
	const char *choice;

	for (size_t i = 0; (choice = parse_choice(row->parse, i)); i++)
		fprintf(out, "%s%s", i ? ", " : "", choice);
}

void options_help(FILE *out, const struct option_row *const *tables)
{
	for (; *tables; tables++) {
		for (const struct option_row *row = *tables; row->name; row++) {
			char left[64];

			snprintf(left, sizeof(left), "%c%c%s--%s%s%s", row->letter ? '-' : ' ',
				 row->letter ? row->letter : ' ', row->letter ? ", " : "  ",
				 row->name, row->argument ? " " : "",
				 row->argument ? row->argument : "");
			fprintf(out, "  %-30s %s", left, row->help);
			print_choices(out, row);
			fprintf(out, "\n");
		}
	}
}
