/*
 * find.c: see find.h.
 */
#include "store/find.h"

#include "store/rows.h"

typedef struct holder {
    char *patient;
    bool found;
} holder;

static int32_t holder_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    holder *h = ctx;
    h->found = true;
    lw__col_text(&columns[0], h->patient, 65);
    return LW_OK;
}

int32_t lw_event_holder(lw_sql *sql, lw_str clinic, const uint8_t id[16], char patient[65]) {
    holder h = {.patient = patient};
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_blob(id, 16)};
    int32_t err = lw_sql_run(sql,
                             "SELECT p.id FROM patient p WHERE p.clinic = ?1 AND EXISTS (SELECT 1 FROM event e "
                             "WHERE e.patient = p.id AND e.id = ?2) ORDER BY p.id LIMIT 1",
                             by, 2, holder_row, &h);
    return err == LW_OK && !h.found ? LW_ERR_NOT_FOUND : err;
}
