/* loadwave/loadwave.h: the whole public API of the engine. */
#ifndef LOADWAVE_H
#define LOADWAVE_H

#include "loadwave/base.h"
#include "loadwave/plan.h"
#include "loadwave/protocol.h"
#include "loadwave/record.h"

#endif
