/* Exit statuses. */
#include "cmd/status.h"

#include <errno.h>

enum status status_of(int error)
{
	switch (error) {
	case 0:
		return STATUS_DONE;
	case -ENOMEM:
	case -EPROTO:
		return STATUS_INTERNAL;
	default:
		return STATUS_UNOBSERVABLE;
	}
}
