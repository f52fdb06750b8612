/*
 * Kernel calls that must not be broken off. When a process is killed in the middle of placing or
 * removing a breakpoint, the kernel gives up on the rest (its write into the target fails with
 * EINTR), and the breakpoint stays in the target: harmless, but a trap at each hit until somebody
 * probes the place again (seen on 6.18, 2026-11).
 */
#ifndef PROBE_SHIELD_H
#define PROBE_SHIELD_H

/*
 * Calls function(argument) in a child that shares our memory and our files, so that a SIGKILL which
 * hits us lets it finish, and waits for it. What the child opened is ours; when we were killed
 * meanwhile, it goes with the child. 0, or a negative errno when there could be no child. Silent.
 * Other threads may run; the calling one stands still.
 */
int shield_call(void (*function)(void *argument), void *argument);

#endif
