/* Numbers as people read them. */
#include "export/human.h"

#include <math.h>
#include <stdio.h>

static int decimals(double value)
{
	return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

void human_number(double value, bool bytes, char *out, size_t out_size)
{
	static const char *const units[2][6] = { { "", " k", " M", " G", " T", " P" },
						 { " B", " KiB", " MiB", " GiB", " TiB", " PiB" } };
	const double base = bytes ? 1024 : 1000;
	int unit = 0;

	while (fabs(value) >= base - 0.5 && unit < 5) {
		value /= base;
		unit++;
	}
	snprintf(out, out_size, "%.*f%s", unit ? decimals(fabs(value)) : 0, value,
		 units[bytes][unit]);
}
