/*
 * table.h: tables (CSV) with a map that says which column is what, and the listing of a Strava archive.
 *
 * Nothing is read out of a table without a map: which of two columns "Distance" is in metres, and whether 03/04 is in March,
 * is the person's to say.
 */
#ifndef LW_WATCH_TABLE_H
#define LW_WATCH_TABLE_H

#include "watch/found.h"

enum { LW_TABLE_COLUMNS = 7, LW_TABLE_CELLS = 256, LW_TABLE_SPORT = 32 };

/* Which column of a table is what. Set by lw_table_map_read. */
typedef struct lw_table_map {
    struct lw_table_column {
        char name[64]; /* header; "#3" for the third column; "": none */
        char unit[8];
    } column[LW_TABLE_COLUMNS];
    bool given;
} lw_table_map;

/*
 * Reads how columns are named: "start=Date,minutes=Moving Time:s,km=Distance:m,type=Sport". Names: start, type, minutes, km,
 * ascent_m, top_kmh, pain. Units after the last colon: start iso (default), dmy, mdy, unix; minutes min (default), s, ms, h;
 * km km (default), m, mi. NULL, or a sentence's argument that says which part is wrong (borrowed from text).
 */
const char *lw_table_map_read(lw_table_map *map, const char *text);
/*
 * Reads a table in place: bytes[0..len-1] with bytes[len] writable; cells are parted in it. Rows with a value that cannot be
 * are findings with their line; the others are activities of kind "csv".
 */
void lw_table_read(const lw_table_map *map, char *bytes, size_t len, const lw_found_out *out);

/*
 * Looks in a Strava archive's activities.csv for the row that names a member of the archive ("activities/1.gpx"); puts its
 * fourth cell, which is the kind of activity in every language, into out. False when there is none.
 */
bool lw_table_sport(lw_str table, lw_str member, char out[LW_TABLE_SPORT]);
/* Rows of it that name no recording. */
uint32_t lw_table_rows_without(lw_str table);

#endif
