/* A sink for diag that keeps messages. Collectors run in threads of their own, hence the lock. */
#include "view/messages.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"

#define KEPT	   64 /* later ones are counted */
#define TEXT_BYTES 1024

static struct {
	pthread_mutex_t lock;
	size_t count, dropped;
	bool fresh;
	struct {
		enum diag_level level;
		char text[TEXT_BYTES];
	} kept[KEPT];
	char latest[TEXT_BYTES];
} messages = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void keep(void *context, enum diag_level level, const char *text)
{
	(void)context;
	pthread_mutex_lock(&messages.lock);
	messages.fresh = true;
	if (messages.count < KEPT && strcmp(text, messages.latest)) {
		messages.kept[messages.count].level = level;
		snprintf(messages.kept[messages.count++].text, TEXT_BYTES, "%s", text);
	} else if (strcmp(text, messages.latest)) {
		messages.dropped++;
	}
	snprintf(messages.latest, sizeof(messages.latest), "%s", text);
	pthread_mutex_unlock(&messages.lock);
}

void messages_begin(void)
{
	messages.count = messages.dropped = 0;
	messages.fresh = false;
	messages.latest[0] = '\0';
	diag_set_sink(keep, NULL);
}

bool messages_fetch(char *out, size_t out_size)
{
	bool fresh;

	pthread_mutex_lock(&messages.lock);
	fresh = messages.fresh;
	if (fresh)
		snprintf(out, out_size, "%s", messages.latest);
	messages.fresh = false;
	pthread_mutex_unlock(&messages.lock);
	return fresh;
}

static void repeat(enum diag_level level, const char *text)
{
	if (level == DIAG_FAIL)
		diag_fail(0, "%s", text);
	else if (level == DIAG_WARN)
		diag_warn("%s", text);
	else
		diag_note("%s", text);
}

void messages_end(void)
{
	diag_set_sink(NULL, NULL);
	for (size_t i = 0; i < messages.count; i++)
		repeat(messages.kept[i].level, messages.kept[i].text);
	if (messages.dropped)
		diag_warn("%zu more messages were not kept", messages.dropped);
}
