/*
 * To be the next on a CPU for a moment. When a window is full the target goes on trapping until our
 * text patching has had its turn, and on a machine with as many busy threads as CPUs that takes a
 * scheduler slice: 5,900 useless hits in 4 ms, in a third of the windows, against 30 to 150 (6.18,
 * 2 CPUs, 2026-11). It does not help where patching has to wait for the kernel's lock on the forks
 * of all processes: of 190 closings under a load of 10, 25 cost more than 3,000 hits (2.5 to 56
 * ms), and all of them waited there, 16 for a grace period, which the lock needs when the one since
 * the opening is over already, 9 for forks that held it.
 */
#ifndef PROBE_URGENCY_H
#define PROBE_URGENCY_H

struct urgency {
	int policy, priority; /* of before; policy -1: nothing was changed */
};

/* Makes the calling thread a real-time one of the lowest priority, where that is allowed
 * (CAP_SYS_NICE) and it is an ordinary one. Only for what sleeps all but microseconds. Silent. */
void urgency_begin(struct urgency *urgency);
void urgency_end(const struct urgency *urgency);

#endif
