/* The screen on a recording: it says when what it shows was, and moves through time. */
#include "harness/test.h"

#include "view/service.h"

static int moved;

static int move(void *context, int steps)
{
	(void)context;
	moved += steps;
	return moved < -20 ? -1 : 0;
}

static struct ui *recorded_screen(struct service *service)
{
	static const struct live_source source = { .move = move, .recorded = true };
	struct ui *ui;

	service_init(service);
	ui = service_screen(service, true);
	ui->source = &source;
	moved = 0;
	return ui;
}

TEST("a recording shows its own time, however long ago that was")
{
	struct service service;
	AUTO_UI struct ui *ui = recorded_screen(&service);

	service.snapshot.time_unix_ns = 1700000000999999999;
	ui_update(ui, &service.snapshot);
	ui->now_unix_ns = 1800000000000000000;
	CHECK(strstr(picture(ui, 24, 80), "2023-11-14T22:13:20Z [ back, ] on"));
	CHECK(!strstr(picture(ui, 24, 80), " old"));
}

TEST("brackets and arrows move through the time of a recording")
{
	struct service service;
	AUTO_UI struct ui *ui = recorded_screen(&service);

	type_keys(ui, "[");
	CHECK_INT(moved, -1);
	type_keys(ui, "]]");
	CHECK_INT(moved, 1);
	type_keys(ui, "{");
	CHECK_INT(moved, -9);
	type_keys(ui, "}");
	CHECK_INT(moved, 1);
	ui_key(ui, CODE_LEFT);
	CHECK_INT(moved, 0);
	ui_key(ui, CODE_RIGHT);
	CHECK_INT(moved, 1);
	type_keys(ui, "{{{");
	CHECK_STRING(ui->status, "the recording goes no further");
}

TEST("what is live does not go back in time")
{
	struct service service;
	AUTO_UI struct ui *ui = NULL;

	service_init(&service);
	ui = service_screen(&service, true);
	type_keys(ui, "[");
	CHECK_STRING(ui->status, "this is live: only recordings go back in time");
}

TEST("a sparkline that went back in time shows what came before")
{
	struct service service;
	AUTO_UI struct ui *ui = recorded_screen(&service);
	size_t before = ui->history.count;

	service_next(&service);
	ui_update(ui, &service.snapshot);
	CHECK_INT(ui->history.count, before + 1);
	service_init(&service);
	ui_update(ui, &service.snapshot);
	CHECK_INT(ui->history.count, before);
}
