/* The screens that are opened with a digit. */
#include "view/ui.h"

const struct digit_screen digit_screens[] = {
	{ 0 },
};
