/* A service that never ran, for pictures: four records at three sites, 100 MiB in use. */
#ifndef TESTS_VIEW_SERVICE_H
#define TESTS_VIEW_SERVICE_H

#include "view/ui.h"

#define SERVICE_RECORDS 4

struct service {
	struct record records[SERVICE_RECORDS];
	struct snapshot snapshot;
};

/* Its data five seconds after the observation began; no losses, no note. */
void service_init(struct service *service);
/* The same one interval later. */
void service_next(struct service *service);

/* A screen that shows it by site, in use. */
struct ui *service_screen(struct service *service, bool unicode);

/* What the screen shows; valid until the next call. */
const char *picture(struct ui *ui, int rows, int columns);
const char *styles(struct ui *ui, int rows, int columns);
/* One line of such a text, without its end; valid until the next call. */
const char *line_of(const char *text, int line);

/* Presses the keys of a text. */
void type_keys(struct ui *ui, const char *keys);

static inline void ui_cleanup(struct ui **ui)
{
	ui_free(*ui);
}
#define AUTO_UI CLEANUP(ui_cleanup)

#endif
