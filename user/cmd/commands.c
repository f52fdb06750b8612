/* Every command, in the order of the help. */
#include "cmd/commands.h"

const struct command *const commands[] = {
	&command_top,  &command_record,	 &command_flame, &command_timeline, &command_report,
	&command_diff, &command_inspect, &command_check, &command_help,	    NULL,
};
