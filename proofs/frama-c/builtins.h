/*
 * builtins.h: what Frama-C must be told of gcc's builtins. Put before every source by run.sh (-include); no compiler
 * ever sees it.
 *
 * __builtin_trap is what LW_ALWAYS and LW_NEVER run into when the impossible happens. Here nobody may call it, so each
 * such guard becomes a goal: it is proven that the impossible is.
 */
#ifndef LW_PROOF_BUILTINS_H
#define LW_PROOF_BUILTINS_H

/* Frama-C's stdint.h makes these constants of 64 bits; gcc's does not. */
#include <stdint.h>
#undef UINT32_C
#define UINT32_C(c) c##U

/*@ requires never: \false;
    assigns \nothing;
    ensures \false; */
void __builtin_trap(void);

/*@ requires some_bit: x != 0;
    assigns \nothing;
    ensures 0 <= \result <= 31;
    ensures ((x >> \result) & 1) == 1; */
int __builtin_ctz(unsigned int x);

#endif
