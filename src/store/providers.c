/* providers.c: see providers.h. */
#include "store/providers.h"

#include "store/rows.h"

typedef struct reading {
    lw_buf *out;
    bool found;
    int64_t count;
} reading;

static int32_t count_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    ((reading *)ctx)->count = col[0].number;
    return LW_OK;
}

int32_t lw_provider_add(lw_sql *sql, const lw_provider *p, int64_t now_s) {
    reading of = {0};
    lw_sql_value by[] = {lw_sql_c(p->clinic)};
    int32_t err = lw_sql_run(sql, "SELECT count(*) FROM provider WHERE clinic = ?1", by, 1, count_row, &of);
    if (err != LW_OK || of.count >= LW_PROVIDERS_MOST) {
        return err != LW_OK ? err : LW_ERR_LIMIT;
    }
    lw_sql_value row[] = {lw_sql_c(p->id),   lw_sql_c(p->clinic),  lw_sql_c(p->name), lw_sql_c(p->place),
                          lw_sql_c(p->wave), lw_sql_c(p->contact), lw_sql_c(p->note), lw_sql_int(now_s)};
    return lw_sql_run(sql,
                      "INSERT INTO provider (id, clinic, name, place, wave, contact, note, changed_s) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                      row, 8, NULL, NULL);
}

/* NULL where a text stays as it is: the note may become empty, so emptiness cannot say it. */
static lw_sql_value text_or_null(const char *text) {
    return text != NULL ? lw_sql_c(text) : lw_sql_null();
}

int32_t lw_provider_change(lw_sql *sql, const lw_provider *p, int64_t now_s) {
    lw_sql_value with[] = {lw_sql_c(p->id),        lw_sql_c(p->clinic),   text_or_null(p->name),
                           text_or_null(p->place), text_or_null(p->wave), text_or_null(p->contact),
                           text_or_null(p->note),  lw_sql_int(now_s)};
    int32_t err = lw_sql_run(sql,
                             "UPDATE provider SET name = COALESCE(?3, name), place = COALESCE(?4, place), "
                             "wave = COALESCE(?5, wave), contact = COALESCE(?6, contact), note = COALESCE(?7, note), "
                             "changed_s = ?8 WHERE id = ?1 AND clinic = ?2",
                             with, 8, NULL, NULL);
    return err != LW_OK ? err : lw_sql_changed(sql) == 1 ? LW_OK : LW_ERR_NOT_FOUND;
}

int32_t lw_provider_remove(lw_sql *sql, lw_str clinic, lw_str id) {
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_text(id)};
    int32_t err = lw_sql_run(sql, "DELETE FROM provider WHERE clinic = ?1 AND id = ?2", by, 2, NULL, NULL);
    return err != LW_OK ? err : lw_sql_changed(sql) == 1 ? LW_OK : LW_ERR_NOT_FOUND;
}

static int32_t provider_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    reading *to = ctx;
    static const char *const names[] = {
        "{\"id\":", ",\"name\":", ",\"place\":", ",\"wave\":", ",\"contact\":", ",\"note\":"};
    to->found = true;
    lw__comma(to->out);
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        lw_buf_str(to->out, names[i]);
        lw_buf_json(to->out, col[i].bytes);
    }
    lw_buf_fmt(to->out, ",\"changed_s\":%lld}", (long long)col[6].number);
    return LW_OK;
}

int32_t lw_provider_json(lw_sql *sql, lw_str clinic, lw_str id, lw_buf *out) {
    reading to = {.out = out};
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_text(id)};
    int32_t err = lw_sql_run(sql,
                             "SELECT id, name, place, wave, contact, note, changed_s FROM provider "
                             "WHERE clinic = ?1 AND id = ?2",
                             by, 2, provider_row, &to);
    return err != LW_OK ? err : to.found ? LW_OK : LW_ERR_NOT_FOUND;
}

int32_t lw_provider_list(lw_sql *sql, lw_str clinic, lw_buf *out) {
    reading to = {.out = out};
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_int(LW_PROVIDERS_MOST)};
    lw_buf_str(out, "[");
    return lw__list_end(out, lw_sql_run(sql,
                                        "SELECT id, name, place, wave, contact, note, changed_s FROM provider "
                                        "WHERE clinic = ?1 ORDER BY place, name, id LIMIT ?2",
                                        by, 2, provider_row, &to));
}
