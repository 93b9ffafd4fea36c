/* sample.h: one function with edges. */
#ifndef LW_MUTATE_SAMPLE_H
#define LW_MUTATE_SAMPLE_H

/* value, but not below 0 and not above most. */
int sample_clamp(int value, int most);

#endif
