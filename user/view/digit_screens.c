/* The screens that are opened with a digit. */
#include <string.h>

#include "view/ui.h"

const struct digit_screen digit_screens[] = {
	{ '5', "types", "new itabs and types of reflection, the itab table", &screen_types,
	  types_text },
	{ '7', "cache", "what caches do: functions of --cache, sync.Pool, sync.Map", &screen_cache,
	  cache_text },
	{ 0 },
};

const struct digit_screen *digit_screen_find(const char *name)
{
	for (const struct digit_screen *screen = digit_screens; screen->digit; screen++)
		if (!strcmp(screen->name, name))
			return screen;
	return NULL;
}

bool view_has_screen(const char *name)
{
	return digit_screen_find(name) != NULL;
}

const char *view_screen_name(size_t index)
{
	return index < sizeof(digit_screens) / sizeof(*digit_screens) ? digit_screens[index].name
								      : NULL;
}
