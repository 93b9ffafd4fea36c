/* sample.c: what tests/mutate_test.sh lets the mutator loose on. Not a part of the program. */
#include "sample.h"

int sample_clamp(int value, int most) {
    if (value < 0) {
        return 0;
    }
    return value < most ? value : most;
}
