/* The live screen's loop: keys, snapshots, pictures. Waits on the keyboard, so that keys react at
 * once, and asks the source in between. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "view/messages.h"
#include "view/terminal.h"
#include "view/ui.h"

#define WAIT_MS 50

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

/* The terminal must be restored before the process goes. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define SIGNAL_COUNT (sizeof(signals) / sizeof(*signals))

static void signals_take(struct sigaction before[SIGNAL_COUNT])
{
	struct sigaction action = { .sa_handler = interrupt };

	interrupted = 0;
	for (size_t i = 0; i < SIGNAL_COUNT; i++)
		sigaction(signals[i], &action, &before[i]);
}

static void signals_give_back(const struct sigaction before[SIGNAL_COUNT])
{
	for (size_t i = 0; i < SIGNAL_COUNT; i++)
		sigaction(signals[i], &before[i], NULL);
}

static int paint(struct ui *ui, struct terminal *terminal)
{
	AUTO_CANVAS struct canvas *canvas = NULL;
	int rows, columns, error;

	terminal_size(terminal, &rows, &columns);
	error = canvas_new(rows, columns, ui->unicode, &canvas);
	if (error < 0)
		return diag_fail(error, "cannot draw the screen");
	ui_draw(ui, canvas);
	terminal_paint(terminal, canvas);
	return 0;
}

/* Whether something came, a key or a resize. */
static bool take_keys(struct ui *ui, struct terminal *terminal)
{
	bool came = false;
	int code;

	while (!ui->quit && (code = terminal_key(terminal))) {
		ui_key(ui, code);
		came = true;
	}
	return came;
}

static bool take_data(struct ui *ui, const struct live_source *source)
{
	const struct snapshot *snapshot = NULL;
	const char *end = NULL;
	int result;

	if (*ui->end)
		return false;
	result = source->poll(source->context, 0, &snapshot, &end);
	if (result > 0)
		ui_update(ui, snapshot);
	else if (result < 0)
		ui_end(ui, end ? end : "the observation has ended");
	return result != 0;
}

static bool take_messages(struct ui *ui)
{
	return messages_fetch(ui->status, sizeof(ui->status));
}

/* The age of data that do not come is shown in seconds. */
static bool take_time(struct ui *ui)
{
	int64_t now = clock_ns(CLOCK_REALTIME);
	bool next_second = now / 1000000000 != ui->now_unix_ns / 1000000000;

	ui->now_unix_ns = now;
	return next_second;
}

/* Waits for a key; false when the keyboard is gone. */
static bool wait_key(void)
{
	struct pollfd keyboard = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&keyboard, 1, WAIT_MS) <= 0 ||
	       !(keyboard.revents & (POLLHUP | POLLERR | POLLNVAL));
}

static int run(struct ui *ui, struct terminal *terminal, const struct live_source *source)
{
	int error = paint(ui, terminal);

	while (error == 0 && !ui->quit && !interrupted) {
		bool there = wait_key();
		bool changed = take_keys(ui, terminal);

		changed |= take_messages(ui);
		changed |= take_data(ui, source);
		changed |= take_time(ui);
		if (!there)
			break;
		if (changed)
			error = paint(ui, terminal);
	}
	return error;
}

static void terminal_cleanup(struct terminal **terminal)
{
	terminal_close(*terminal);
}

static void ui_cleanup(struct ui **ui)
{
	ui_free(*ui);
}

static int show(const struct live_source *source, const struct view_options *options)
{
	CLEANUP(ui_cleanup) struct ui *ui = NULL;
	CLEANUP(terminal_cleanup) struct terminal *terminal = NULL;
	int error = ui_new(source, options, canvas_locale_is_unicode(), &ui);

	if (error == 0)
		error = terminal_open(options->colour, &terminal);
	return error < 0 ? error : run(ui, terminal, source);
}

int view_live(const struct live_source *source, const struct view_options *options)
{
	struct sigaction before[SIGNAL_COUNT];
	int error;

	messages_begin();
	signals_take(before);
	error = show(source, options);
	signals_give_back(before);
	messages_end();
	return error;
}
