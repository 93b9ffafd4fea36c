/*
 * find.h: whose an event is.
 */
#ifndef LW_STORE_FIND_H
#define LW_STORE_FIND_H

#include "store/store.h"

/*
 * The patient of the clinic in whose log an event of that id stands (65 letters; the first by patient id where a copied file
 * made two). LW_ERR_NOT_FOUND. One look into the index of events for each of the clinic's patients.
 */
LW_MUST_CHECK int32_t lw_event_holder(lw_sql *sql, lw_str clinic, const uint8_t id[16], char patient[65]);

#endif
