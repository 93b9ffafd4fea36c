/*
 * local_time.h: a person's clock, from the name of the zone that the person's app told (IANA, "Europe/Madrid").
 *
 * The rules of zones are the machine's (/usr/share/zoneinfo), read by libical. Any thread may call; one at a time works.
 */
#ifndef LW_SEND_LOCAL_TIME_H
#define LW_SEND_LOCAL_TIME_H

#include "loadwave/base.h"

bool lw_zone_known(const char *zone);
/* Local day and minute of an instant. False: the zone is not known, both are then those of UTC. */
bool lw_zone_local(const char *zone, int64_t at_s, int32_t *day, int32_t *minute);
/* The first instant at which the zone's clocks show that day and minute, or a later one where they jump over it. */
int64_t lw_zone_instant(const char *zone, int32_t day, int32_t minute);

#endif
