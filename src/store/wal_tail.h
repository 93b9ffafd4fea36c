/*
 * wal_tail.h: whether SQLite's log ends as a log may end.
 *
 * SQLite reads its log up to the first frame that is not whole and leaves out the rest without a word. After a program was killed that
 * is right: what is not whole was never acknowledged. But every commit waits for the disk, so at most one transaction can be
 * unfinished. When two commits or more stand behind a broken frame, what was acknowledged is about to be left out: the
 * disk has lost it, or somebody changed it, and that has to be said.
 */
#ifndef LW_STORE_WAL_TAIL_H
#define LW_STORE_WAL_TAIL_H

#include <stdint.h>

typedef enum lw__wal_tail {
    LW__WAL_WHOLE,      /* or there is no log */
    LW__WAL_UNFINISHED, /* something behind the last whole commit, as after a kill */
    LW__WAL_DAMAGED     /* acknowledged entries would be left out */
} lw__wal_tail;

/* Looks at the log beside a SQLite file, which may be in use. *commits: how many are behind the damage, at least. */
lw__wal_tail lw__wal_look(const char *path, uint64_t *commits);

#endif
