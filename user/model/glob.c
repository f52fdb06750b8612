/* Matching by going back to the last `*` only, which is enough: what an earlier one took could only
 * have been more. */
#include "model/glob.h"

#include <string.h>

#include "limits.h"
#include "model/goname.h"

bool glob_matches(const char *glob, const char *name)
{
	const char *star = NULL, *resume = name;

	while (*name) {
		if (*glob == '*') {
			star = glob++;
			resume = name;
		} else if (*glob == '?' || *glob == *name) {
			glob++;
			name++;
		} else if (star) {
			glob = star + 1;
			name = ++resume;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

bool glob_matches_function(const char *glob, const char *function)
{
	char shown[LIMIT_NAME_BYTES];

	if (glob_matches(glob, function))
		return true;
	if (!strpbrk(function, "/[%"))
		return false; /* it is shown as it is */
	goname_short(function, 0, shown, sizeof(shown));
	return glob_matches(glob, shown);
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t two = a < b ? a : b;

	return two < c ? two : c;
}

/* One row of the matrix: the distance of the glob's first characters up to and with `wanted` to
 * each beginning of the name. Returns the smallest of it. */
static size_t next_row(char wanted, const char *name, size_t length, size_t *row)
{
	size_t diagonal = row[0], smallest;

	if (wanted != '*')
		row[0]++;
	smallest = row[0];
	for (size_t j = 1; j <= length; j++) {
		size_t above = row[j];
		bool same = wanted == '?' || wanted == name[j - 1];

		if (wanted == '*')
			row[j] = least(above, row[j - 1], above);
		else
			row[j] = least(above + 1, row[j - 1] + 1, diagonal + !same);
		diagonal = above;
		smallest = least(smallest, row[j], smallest);
	}
	return smallest;
}

size_t glob_distance(const char *glob, const char *name, size_t most)
{
	size_t row[GLOB_DISTANCE_BYTES + 1], length = strlen(name);

	if (length > GLOB_DISTANCE_BYTES || strlen(glob) > GLOB_DISTANCE_BYTES)
		return most + 1;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (; *glob; glob++)
		if (next_row(*glob, name, length, row) > most)
			return most + 1;
	return row[length] < most ? row[length] : row[length] > most ? most + 1 : most;
}
