/* One run of a command: the observations of every target it names, opened together and closed in
 * every case. */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "cmd/observation.h"
#include "cmd/settings.h"

struct keeper;

struct session {
	size_t count;
	struct observation *observations[LIMIT_TARGETS];
	pid_t child;	       /* started by us, 0: none */
	struct keeper *keeper; /* of the child; NULL: none */
	bool let_end;	       /* the child ends by itself: settings->wrap without --for */
	int child_status; /* after session_close: its exit status, or 128 + signal; -1 when it did
			     not end by itself */
};

/*
 * Finds or starts the targets and opens them. `single`: more than one process is refused with their
 * numbers. `quiet_child`: see launch. SIGINT, SIGTERM and SIGHUP end every wait from here on. 0 or
 * a negative errno, reported.
 */
int session_open(const struct settings *settings, bool single, bool quiet_child,
		 struct session *ret);
void session_close(struct session *session);

/* Ends one observation; the last one takes its index. */
void session_drop(struct session *session, size_t index);
/* Opens the processes of the settings' name that are not observed yet and can be; what is in the
 * way of one that has only just started is silent, and tried again by the next call. */
void session_look(struct session *session, const struct settings *settings);

/* Whether a signal asked us to end. */
bool session_interrupted(void);

#endif
