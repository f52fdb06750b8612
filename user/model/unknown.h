/* The integer that stands for "not known"; for doubles it is NAN. Never 0. */
#ifndef MODEL_UNKNOWN_H
#define MODEL_UNKNOWN_H

#include <stdint.h>

#define UNKNOWN ((int64_t)-1)

#endif
