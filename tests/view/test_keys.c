/* What keys change, read from the pictures. */
#include <stdlib.h>

#include "harness/test.h"
#include "view/service.h"

#define STATUS_LINE 22
#define FIRST_ROW   6

static const char *status(struct ui *ui)
{
	return line_of(picture(ui, 24, 80), STATUS_LINE);
}

static const char *row_of(struct ui *ui, int row)
{
	return line_of(picture(ui, 24, 80), FIRST_ROW + row);
}

static bool row_has(struct ui *ui, int row, const char *text)
{
	return strstr(row_of(ui, row), text) != NULL;
}

TEST("the selection sticks to its row when the order changes")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "j");
	CHECK(row_has(ui, 1, "> 24.0 MiB") && row_has(ui, 1, "bytes.growSlice"));
	service.records[2].live.bytes *= 4; /* 96 MiB: now the first */
	service_next(&service);
	ui_update(ui, &service.snapshot);
	CHECK(row_has(ui, 0, "> 96.0 MiB") && row_has(ui, 0, "bytes.growSlice"));
}

TEST("before the first move the selection stays on the first line")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	service.records[2].live.bytes *= 4;
	service_next(&service);
	ui_update(ui, &service.snapshot);
	CHECK(row_has(ui, 0, "> 96.0 MiB"));
}

TEST("moving stops at both ends")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "kG");
	CHECK_INT(row_of(ui, 2)[0], '>');
	type_keys(ui, "jj");
	CHECK_INT(row_of(ui, 2)[0], '>');
	ui_key(ui, CODE_PAGE_UP);
	CHECK_INT(row_of(ui, 0)[0], '>');
	ui_key(ui, CODE_PAGE_DOWN);
	ui_key(ui, CODE_UP);
	CHECK_INT(row_of(ui, 1)[0], '>');
}

TEST("a table longer than the screen scrolls with the selection")
{
	struct record records[60];
	struct stack *stacks[60];
	struct service service;
	AUTO_UI struct ui *ui = NULL;
	char names[60][16];

	service_init(&service);
	for (int i = 0; i < 60; i++) {
		stacks[i] = calloc(1, sizeof(struct stack) + sizeof(struct frame));
		snprintf(names[i], sizeof(names[i]), "main.f%02d", i);
		*stacks[i] = (struct stack){ 1 };
		stacks[i]->frames[0] = (struct frame){ .function = names[i], .file = "" };
		records[i] = service.records[0];
		records[i].stack = stacks[i];
		records[i].live.bytes = 1048576.0 * (100 - i);
	}
	service.snapshot.records = records;
	service.snapshot.record_count = 60;
	ui = service_screen(&service, true);
	CHECK(row_has(ui, 0, "main.f00") && row_has(ui, 15, "main.f15"));
	type_keys(ui, "G");
	CHECK(row_has(ui, 0, "main.f44") && row_has(ui, 15, "main.f59"));
	type_keys(ui, "k");
	CHECK(row_has(ui, 0, "main.f44") && row_has(ui, 14, ">"));
	type_keys(ui, "g");
	CHECK(row_has(ui, 0, "main.f00"));
	for (int i = 0; i < 60; i++)
		free(stacks[i]);
}

TEST("s sorts by the next column, r turns the order around")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "s");
	CHECK(row_has(ui, 0, "10.0 MiB/s") && row_has(ui, 1, "2.00 MiB/s"));
	CHECK(row_has(ui, 2, " 512 KiB/s"));
	CHECK_STRING(status(ui), "3 rows by site, inuse_space, sorted by allocation rate");
	type_keys(ui, "r");
	CHECK(row_has(ui, 0, " 512 KiB/s") && row_has(ui, 2, "10.0 MiB/s"));
}

TEST("v goes through the values and leaves out those that the data cannot tell")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "v");
	CHECK_INT(ui->value, VALUE_INUSE_OBJECTS);
	CHECK(row_has(ui, 0, "1.05M")); /* 64 MiB of 64 bytes: 1048576 */
	type_keys(ui, "v");
	CHECK_INT(ui->value, VALUE_ALLOC_SPACE);
	CHECK(row_has(ui, 0, " 120 MiB"));
	service.snapshot.has_live = false;
	ui_update(ui, &service.snapshot);
	type_keys(ui, "vv");
	CHECK_INT(ui->value, VALUE_ALLOC_SPACE);
}

TEST("digits and Tab switch the grouping, a digit that nothing has is said")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	for (size_t i = 0; i < grouping_count; i++) {
		ui_key(ui, groupings[i].digit);
		CHECK(ui->grouping == &groupings[i]);
		CHECK(ui->screen == &screen_table);
	}
	type_keys(ui, "\t");
	CHECK(ui->grouping == &groupings[0]);
	for (int digit = '1'; digit <= '8'; digit++) {
		const struct grouping *grouping = NULL;
		const struct digit_screen *screen = digit_screens;

		for (size_t i = 0; i < grouping_count; i++)
			if (groupings[i].digit == digit)
				grouping = &groupings[i];
		while (screen->digit && screen->digit != digit)
			screen++;
		CHECK(!grouping || !screen->digit); /* a digit has one meaning */
		type_keys(ui, "1");
		ui_key(ui, digit);
		if (!grouping && !screen->digit)
			CHECK(strstr(status(ui), "is no grouping (? lists them)"));
	}
}

TEST("a digit leads from the stacks of a row to the table of its grouping")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	ui_key(ui, CODE_ENTER);
	CHECK(ui->screen == &screen_stacks);
	type_keys(ui, "8");
	CHECK(ui->screen == &screen_table);
	CHECK_STRING(ui->grouping->name, "boxing");
}

TEST("packages keep their import path and sum their sites")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	while (strcmp(ui->grouping->name, "package"))
		type_keys(ui, "\t");
	CHECK(row_has(ui, 0, "64.0 MiB") && row_has(ui, 0, "example.com/shop/cache"));
}

TEST("a filter hides rows, a bad one says why and changes nothing")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "f^(fmt|bytes)\\.");
	CHECK_STRING(status(ui), "filter (regular expression): ^(fmt|bytes)\\.");
	ui_key(ui, CODE_ENTER);
	CHECK_STRING(status(ui), "2 rows by site, inuse_space, filter ^(fmt|bytes)\\. hides 1, "
				 "sorted by value");
	CHECK(row_has(ui, 0, "24.0 MiB") && row_has(ui, 0, "24.0%"));
	type_keys(ui, "f(");
	ui_key(ui, CODE_ENTER);
	CHECK(!strncmp(status(ui), "'^(fmt|bytes)\\.(' is no filter: ", 32));
	CHECK_INT(ui->listing.count, 2);
	type_keys(ui, "f");
	ui_key(ui, CODE_CONTROL('u'));
	ui_key(ui, CODE_ENTER);
	CHECK_INT(ui->listing.count, 3);
}

TEST("Escape leaves the filter as it was")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "ffmt");
	ui_key(ui, CODE_ESCAPE);
	CHECK_INT(ui->listing.count, 3);
	CHECK_STRING(ui->filter_text, "");
}

TEST("searching moves while typing, n and N go on around the ends, Escape goes back")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "/S");
	CHECK_INT(row_of(ui, 0)[0], '>'); /* "Store" is a match, case does not count */
	type_keys(ui, "P");
	CHECK_INT(row_of(ui, 2)[0], '>'); /* fmt.Sprintf */
	type_keys(ui, "x");
	CHECK_STRING(status(ui), "/SPx  is not here");
	ui_key(ui, CODE_BACKSPACE);
	ui_key(ui, CODE_BACKSPACE);
	ui_key(ui, CODE_ENTER);
	CHECK_INT(row_of(ui, 0)[0], '>');
	type_keys(ui, "n");
	CHECK_INT(row_of(ui, 1)[0], '>'); /* bytes.growSlice */
	type_keys(ui, "nn");
	CHECK_INT(row_of(ui, 0)[0], '>');
	type_keys(ui, "N");
	CHECK_INT(row_of(ui, 2)[0], '>');
	type_keys(ui, "/bytes");
	CHECK_INT(row_of(ui, 1)[0], '>');
	ui_key(ui, CODE_ESCAPE);
	CHECK_INT(row_of(ui, 2)[0], '>');
}

TEST("pause holds the picture, its age shows, and the newest data come after it")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, " ");
	service.records[0].live.bytes *= 2;
	service_next(&service);
	ui_update(ui, &service.snapshot);
	service_next(&service);
	ui_update(ui, &service.snapshot);
	ui->now_unix_ns += 2500000000;
	CHECK(row_has(ui, 0, "64.0 MiB"));
	CHECK(strstr(line_of(picture(ui, 24, 80), 0), " PAUSED, 2s old"));
	type_keys(ui, " ");
	CHECK(row_has(ui, 0, " 112 MiB"));
	CHECK(!strstr(line_of(picture(ui, 24, 80), 0), "PAUSED"));
}

TEST("data that stop coming say how old they are")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	ui->now_unix_ns += 4000000000;
	CHECK(!strstr(line_of(picture(ui, 24, 80), 0), "old"));
	ui->now_unix_ns += 60000000000;
	CHECK(strstr(line_of(picture(ui, 24, 80), 0), " 1m04s old"));
}

TEST("a vanished target leaves its last data and a sentence, q quits")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, " ");
	service.records[0].live.bytes *= 2;
	ui_update(ui, &service.snapshot);
	ui_end(ui, "the process has ended");
	CHECK_STRING(status(ui), "the process has ended: these are its last data (q quits)");
	CHECK(row_has(ui, 0, " 112 MiB"));
	CHECK(!ui->quit);
	type_keys(ui, "q");
	CHECK(ui->quit);
}

static const char *saves(void *context, const struct snapshot *snapshot, enum value value)
{
	*(double *)context = (double)snapshot->pid + value / 10.0;
	return "out.html";
}

static const char *fails(void *context, const struct snapshot *snapshot, enum value value)
{
	(void)context;
	(void)snapshot;
	(void)value;
	return NULL;
}

TEST("w writes what is shown and says where, or that it did not")
{
	double seen = 0;
	struct live_source source = { .save = saves, .context = &seen };
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	ui->source = &source;
	type_keys(ui, "w");
	CHECK_STRING(status(ui), "written: out.html");
	CHECK_NEAR(seen, 4242.2, 1e-9); /* the process, VALUE_INUSE_SPACE */
	source.save = fails;
	type_keys(ui, "w");
	CHECK_STRING(status(ui), "nothing was written");
}

TEST("every key that some screen knows is in the help, once")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;
	const char *text;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "?");
	text = picture(ui, 70, 100);
	for (int i = 0; i < KEY_COUNT; i++)
		CHECK(strstr(text, key_entries[i].summary));
	for (int i = 0; i < LOSS_COUNT; i++)
		CHECK(strstr(text, loss_meaning((enum loss)i)));
	for (int i = 0; i < KEY_COUNT; i++)
		CHECK(ui_actions[i] || screen_table.actions[i] || screen_stacks.actions[i] ||
		      screen_timeline.actions[i] || screen_memory.actions[i]);
	type_keys(ui, "q");
	CHECK(ui->screen == &screen_table && !ui->quit);
}

TEST("no code belongs to two keys")
{
	for (int a = 0; a < KEY_COUNT; a++)
		for (size_t i = 0; i < 8 && key_entries[a].codes[i]; i++)
			CHECK_INT(key_find(key_entries[a].codes[i]), a);
}

TEST("keys that do nothing here say so")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "z");
	CHECK_STRING(status(ui), "no such key (? lists the keys)");
	ui_key(ui, CODE_LEFT);
	CHECK_STRING(status(ui), "Left h does nothing here (? lists the keys)");
	ui_key(ui, '[');
	CHECK_STRING(status(ui), "this is live: only recordings go back in time");
	ui_key(ui, '+');
	CHECK_STRING(status(ui), "+ does nothing here (? lists the keys)");
}
