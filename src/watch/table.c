/*
 * table.c: a table (CSV) with a map that says which column is what; the listing of a Strava archive (table.h).
 *
 * Headers and dates of a listing are in the person's language and change without notice, so nothing in it is understood by
 * its header: a row's recording is the cell that names a member of the archive, and its other cells are only asked for a
 * sport where the recording does not say one.
 */
#include "watch/table.h"
#include "base/base_internal.h"

static bool is(const char *text, const char *word) {
    return lw__str_eq(lw__str(text), lw__str(word));
}

static const char *find(const char *text, char c) {
    for (; *text != '\0'; text++) {
        if (*text == c) {
            return text;
        }
    }
    return NULL;
}

/* Steps over one character of a set. */
static bool passes(const char **p, const char *set) {
    bool in = **p != '\0' && find(set, **p) != NULL;
    *p += in;
    return in;
}

/* Reads one digit or more, at most so many. */
static bool digits(const char **p, int most, int64_t *out) {
    int count = 0;
    for (*out = 0; count < most && **p >= '0' && **p <= '9'; count++) {
        *out = *out * 10 + (*(*p)++ - '0');
    }
    return count > 0;
}

/* Puts a number in so many digits, and what follows it. */
static void padded(lw__writer *w, int64_t value, int width, char after) {
    for (int64_t unit = width == 4 ? 1000 : 10; unit > 0; unit /= 10) {
        lw__put_char(w, (char)('0' + value / unit % 10));
    }
    lw__put_char(w, after);
}

/* Whether a list like " km m mi " holds a word. */
static bool has_word(const char *list, const char *word) {
    size_t len = lw__str(word).len;
    for (const char *p = list; *p != '\0' && len > 0; p++) {
        if (*p == ' ' && lw__str(p + 1).len > len && lw__same(p + 1, word, len) && p[1 + len] == ' ') {
            return true;
        }
    }
    return false;
}

enum { START, TYPE, MINUTES, KM, ASCENT, TOP, PAIN, COLUMNS, CELLS = LW_TABLE_CELLS };
static const char *const column_names[COLUMNS] = {"start", "type", "minutes", "km", "ascent_m", "top_kmh", "pain"};

const char *lw_table_map_read(lw_table_map *map, const char *text) {
    static const char *const units[COLUMNS] = {" iso dmy mdy unix ", "", " min s ms h ", " km m mi ", "",
                                               " kmh ms ",           ""};
    memset(map, 0, sizeof *map);
    const char *at = text;
    while (*at != '\0') {
        const char *part = at, *equals = find(at, '=');
        size_t name = equals != NULL ? (size_t)(equals - at) : 0;
        int column = 0;
        while (column < COLUMNS && !lw__str_eq(lw__str(column_names[column]), (lw_str){at, (uint32_t)name})) {
            column++;
        }
        if (column == COLUMNS) {
            return part;
        }
        struct lw_table_column *to = &map->column[column];
        at = equals + 1;
        char value[80];
        size_t len = 0;
        if (*at == '"') { // a header with a comma in it
            for (at++; *at != '\0' && *at != '"' && len < sizeof value - 1; at++) {
                value[len++] = *at;
            }
            at += *at == '"' ? 1 : 0;
        }
        for (; *at != '\0' && *at != ',' && len < sizeof value - 1; at++) {
            value[len++] = *at;
        }
        if (*at != '\0' && *at != ',') {
            return part;
        }
        value[len] = '\0';
        size_t colon = len;
        while (colon > 0 && value[colon - 1] != ':') {
            colon--;
        }
        if (colon > 0 && len - colon < sizeof to->unit && has_word(units[column], value + colon)) {
            memcpy(to->unit, value + colon, len - colon + 1);
            len = colon - 1;
            value[len] = '\0';
        }
        if (len == 0 || len >= sizeof to->name) {
            return part;
        }
        memcpy(to->name, value, len + 1);
        at += *at == ',' ? 1 : 0;
    }
    map->given = map->column[START].name[0] != '\0' && map->column[MINUTES].name[0] != '\0';
    return map->given ? NULL : text;
}

struct row {
    char *cell[CELLS];
    int count;
};

/* Parts one row in place, from *at on; quotes are taken off. False at the end. *lines counts newlines passed. */
static bool next_row(char **at, char *end, char delimiter, struct row *row, uint32_t *lines) {
    row->count = 0;
    if (*at >= end) {
        return false;
    }
    char *p = *at;
    for (;;) {
        char *out = p, *cell = p;
        bool quoted = p < end && *p == '"';
        p += quoted ? 1 : 0;
        while (p < end) {
            if (quoted && *p == '"') {
                if (p + 1 < end && p[1] == '"') {
                    p++;
                } else {
                    quoted = false;
                    p++;
                    continue;
                }
            } else if (!quoted && (*p == delimiter || *p == '\n' || *p == '\r')) {
                break;
            }
            *lines += *p == '\n';
            *out++ = *p++;
        }
        char stop = p < end ? *p : '\n';
        bool pair = stop == '\r' && p + 1 < end && p[1] == '\n';
        if (row->count < CELLS) {
            row->cell[row->count++] = cell;
        }
        p = p < end ? p + (pair ? 2 : 1) : p;
        *out = '\0';
        if (stop != delimiter) {
            *lines += 1;
            *at = p;
            return true;
        }
    }
}

/* A number with a point or one comma, no thousands; times 10^places. */
static bool amount(const char *text, int places, int64_t *out) {
    char copy[40];
    size_t len = lw__str(text).len;
    if (len == 0 || len >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, len + 1);
    char *comma = copy;
    while (*comma != '\0' && *comma != ',') {
        comma++;
    }
    if (*comma != '\0') {
        if (find(copy, '.') != NULL || find(comma + 1, ',') != NULL) {
            return false; // which of the two parts thousands is not known
        }
        *comma = '.';
    }
    return lw_watch_decimal(lw__str(copy), places, out) && *out >= 0;
}

/* Minutes, seconds … or "1:02:03" (hours first) and "42:10" (minutes first), as seconds. */
static bool duration(const char *text, const char *unit, int64_t *seconds) {
    if (find(text, ':') != NULL) {
        int64_t sum = 0, part = 0;
        int colons = 0, digits = 0;
        for (const char *p = text; *p != '\0'; p++) {
            if (*p == ':' && digits > 0 && colons < 2) {
                sum = (sum + part) * 60;
                part = digits = 0;
                colons++;
            } else if (*p >= '0' && *p <= '9' && digits < 5) {
                part = part * 10 + (*p - '0');
                digits++;
            } else if (*p == '.' && digits > 0) {
                break;
            } else {
                return false;
            }
        }
        *seconds = sum + part;
        return digits > 0;
    }
    int64_t x1000 = 0;
    if (!amount(text, 3, &x1000)) {
        return false;
    }
    *seconds = is(unit, "s")    ? (x1000 + 500) / 1000
               : is(unit, "ms") ? x1000 / 1000000
               : is(unit, "h")  ? x1000 * 36 / 10
                                : x1000 * 60 / 1000;
    return true;
}

/* A time; dates with the day or the month first are turned round. *floating: a local clock without a zone. */
static bool when(const char *text, const char *unit, lw_watch_activity *a, bool *floating) {
    int64_t ms = 0;
    *floating = false;
    if (is(unit, "unix")) {
        bool good = lw_watch_decimal(lw__str(text), 0, &ms) && ms > 0;
        a->start_s = ms > INT64_C(100000000000) ? ms / 1000 : ms;
        return good;
    }
    char turned[48];
    lw__writer w = lw__writer_over(turned, sizeof turned - 1);
    size_t len = lw__str(text).len;
    if (is(unit, "dmy") || is(unit, "mdy")) {
        int64_t d = 0, m = 0, y = 0, hour = 0, minute = 0, second = 0;
        const char *p = text;
        if (!digits(&p, 2, is(unit, "dmy") ? &d : &m) || !passes(&p, "-./") ||
            !digits(&p, 2, is(unit, "dmy") ? &m : &d) || !passes(&p, "-./") || !digits(&p, 4, &y)) {
            return false;
        }
        while (passes(&p, ", T")) {
        }
        if (*p != '\0' && (!digits(&p, 2, &hour) || !passes(&p, ":") || !digits(&p, 2, &minute))) {
            return false;
        }
        const char *after = p;
        if (passes(&after, ":") && digits(&after, 2, &second)) {
            p = after;
        }
        while (passes(&p, " ")) {
        }
        bool pm = *p == 'p' || *p == 'P', am = *p == 'a' || *p == 'A';
        if ((*p != '\0' && !pm && !am) || ((am || pm) && (hour < 1 || hour > 12))) {
            return false;
        }
        hour = (am || pm) ? hour % 12 + (pm ? 12 : 0) : hour;
        padded(&w, y, 4, '-');
        padded(&w, m, 2, '-');
        padded(&w, d, 2, ' ');
        padded(&w, hour, 2, ':');
        padded(&w, minute, 2, ':');
        padded(&w, second, 2, '\0');
        text = turned;
    } else if (len == 16 || len == 10) {
        lw__put_c(&w, text);
        lw__put_c(&w, len == 16 ? ":00" : " 00:00:00");
        turned[w.len] = '\0';
        text = turned;
    }
    if (!lw_watch_time(lw__str(text), &ms, &a->offset_min, &a->has_offset)) {
        return false;
    }
    *floating = !a->has_offset && text[lw__str(text).len - 1] != 'Z';
    a->start_s = ms / 1000;
    return true;
}

static bool read_row(const lw_table_map *map, const struct row *row, const int at[COLUMNS], lw_watch_activity *a,
                     bool *floating, int32_t *pain, const char **bad) {
    const char *cell[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        cell[i] = at[i] >= 0 && at[i] < row->count ? row->cell[at[i]] : "";
        while (passes(&cell[i], " \t")) {
        }
    }
    const struct lw_table_column *column = map->column;
    *a = (lw_watch_activity){
        .distance_cm = -1, .run_s = -1, .stretch_s = -1, .ascent_m = -1, .top_mms = -1, .notes = LW_NOTE_TOTALS};
    int64_t value = 0;
    *bad = cell[START];
    if (!when(cell[START], column[START].unit, a, floating)) {
        return false;
    }
    *bad = cell[MINUTES];
    if (!duration(cell[MINUTES], column[MINUTES].unit, &value) || value > 86400) {
        return false;
    }
    a->moving_s = (int32_t)value;
    a->end_s = a->start_s + value;
    a->sport = (uint8_t)lw_watch_sport_of(lw__str(cell[TYPE]));
    *bad = cell[KM];
    if (cell[KM][0] != '\0') {
        if (!amount(cell[KM], 3, &value) || value > INT64_C(10000000000)) {
            return false;
        }
        a->distance_cm = is(column[KM].unit, "m")    ? value / 10
                         : is(column[KM].unit, "mi") ? value * 1609344 / 10000
                                                     : value * 100;
    }
    *bad = cell[ASCENT];
    if (cell[ASCENT][0] != '\0') {
        if (!amount(cell[ASCENT], 0, &value) || value > 20000) {
            return false;
        }
        a->ascent_m = (int32_t)value;
    }
    *bad = cell[TOP];
    if (cell[TOP][0] != '\0') {
        if (!amount(cell[TOP], 3, &value) || value > 200000) {
            return false;
        }
        a->top_mms = (int32_t)(is(column[TOP].unit, "ms") ? value : value * 10 / 36);
    }
    *bad = cell[PAIN];
    if (cell[PAIN][0] != '\0') {
        if (!amount(cell[PAIN], 2, &value) || value > 1000) {
            return false;
        }
        *pain = (int32_t)value;
    }
    lw_totals_possible(a);
    return true;
}

/* Which column each name is; false with a finding when one is not there. */
static bool find_columns(const lw_table_map *map, const struct row *header, int column[COLUMNS],
                         const lw_found_out *out) {
    for (int i = 0; i < COLUMNS; i++) {
        const char *name = map->column[i].name, *p = name;
        int64_t number = 0;
        column[i] = -1;
        if (passes(&p, "#") && digits(&p, 3, &number) && number >= 1 && number <= header->count) {
            column[i] = (int)number - 1;
        }
        for (int j = 0; j < header->count && column[i] < 0 && name[0] != '\0'; j++) {
            column[i] = is(header->cell[j], name) ? j : -1;
        }
        if (name[0] != '\0' && column[i] < 0) {
            out->find(out->to, LW_FOUND_MAP, 1, name);
            return false;
        }
    }
    return true;
}

void lw_table_read(const lw_table_map *map, char *bytes, size_t len, const lw_found_out *out) {
    uint8_t hash[32];
    lw__sha256_of(bytes, len, hash);
    char *at = bytes, *end = bytes + len;
    *end = '\0';
    at += len >= 3 && lw__same(at, "\xef\xbb\xbf", 3) ? 3 : 0;
    int commas = 0, semicolons = 0, tabs = 0;
    for (const char *p = at; p < end && *p != '\r' && *p != '\n'; p++) {
        commas += *p == ',';
        semicolons += *p == ';';
        tabs += *p == '\t';
    }
    char delimiter = semicolons > commas && semicolons >= tabs ? ';' : tabs > commas ? '\t' : ',';
    struct row row;
    uint32_t lines = 0, index = 0, given = 0;
    int column[COLUMNS];
    if (next_row(&at, end, delimiter, &row, &lines) && !find_columns(map, &row, column, out)) {
        return;
    }
    uint32_t line = lines + 1;
    while (next_row(&at, end, delimiter, &row, &lines)) {
        lw_found_activity found = {.kind = "csv", .hash = hash, .index = index, .pain_x100 = -1};
        bool empty = row.count == 1 && row.cell[0][0] == '\0';
        const char *bad = "";
        if (!empty && !read_row(map, &row, column, &found.activity, &found.floating, &found.pain_x100, &bad)) {
            out->find(out->to, LW_FOUND_VALUE, line, bad);
            given++;
        } else if (!empty) {
            given++;
            index++;
            if (!out->add(out->to, &found)) {
                return;
            }
        }
        line = lines + 1;
    }
    if (given == 0) {
        out->find(out->to, LW_FOUND_NO_ACTIVITY, 0, NULL);
    }
}

/* ---- the listing of a Strava archive ---- */

bool lw_table_sport(lw_str table, lw_str member, char out[LW_TABLE_SPORT]) {
    uint32_t from = 0;
    int cell = 0;
    bool quoted = false;
    out[0] = '\0';
    for (uint32_t i = 0; i <= table.len; i++) {
        char c = i < table.len ? table.ptr[i] : '\n';
        quoted = c == '"' ? !quoted : quoted;
        if (quoted || (c != ',' && c != '\n')) {
            continue; // from the start, because cells may hold newlines
        }
        lw_str text = {table.ptr + from, i - from};
        text.len -= text.len > 0 && text.ptr[text.len - 1] == '\r' ? 1 : 0;
        if (text.len >= 2 && text.ptr[0] == '"') {
            text = (lw_str){text.ptr + 1, text.len - 2};
        }
        if (cell == 3 && text.len < LW_TABLE_SPORT) {
            memcpy(out, text.ptr, text.len);
            out[text.len] = '\0';
        } else if (lw__str_eq(text, member)) {
            return out[0] != '\0';
        }
        cell = c == '\n' ? 0 : cell + 1;
        out[0] = c == '\n' ? '\0' : out[0];
        from = i + 1;
    }
    return false;
}

uint32_t lw_table_rows_without(lw_str table) {
    static const char folder[] = "activities/";
    uint32_t rows = 0, with = 0;
    bool quoted = false, named = false, any = false;
    for (uint32_t i = 0; i <= table.len; i++) {
        char c = i < table.len ? table.ptr[i] : '\n';
        quoted = c == '"' ? !quoted : quoted;
        if (c == '\n' && !quoted) {
            rows += any;
            with += any && named;
            named = any = false;
        } else {
            any = any || (c != '\r' && c != ' ');
            named = named ||
                    (c == 'a' && table.len - i >= sizeof folder && lw__same(table.ptr + i, folder, sizeof folder - 1));
        }
    }
    return rows > with + 1 ? rows - with - 1 : 0; // the header is none
}
