/* fold.h: what other parts of the engine ask of the fold. */
#ifndef LW_ENGINE_FOLD_H
#define LW_ENGINE_FOLD_H

#include "engine/state.h"

/* The longest tolerated run of the protocol's window before today, hundredths of km; 0 none. */
int32_t lw__longest_run(const lw_state *s);

#endif
