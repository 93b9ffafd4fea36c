/*
 * intake_table.c: a table (CSV) with a map that says which column is what.
 *
 * Nothing is read out of a table without a map: which of two columns "Distance" is in metres, and whether 03/04 is in March,
 * is the person's to say. Rows with a value that cannot be are findings with their line; the others are kept.
 */
#include <stdio.h>
#include <string.h>

#include "base/base_internal.h"
#include "intake/intake.h"

enum { START, TYPE, MINUTES, KM, ASCENT, TOP, PAIN, COLUMNS, CELLS = 256 };
static const char *const column_names[COLUMNS] = {"start", "type", "minutes", "km", "ascent_m", "top_kmh", "pain"};

const char *lw_intake_map_read(lw_intake_map *map, const char *text) {
    static const char *const units[COLUMNS] = {" iso dmy mdy unix ", "", " min s ms h ", " km m mi ", "",
                                               " kmh ms ",           ""};
    memset(map, 0, sizeof *map);
    const char *at = text;
    while (*at != '\0') {
        const char *part = at, *equals = strchr(at, '=');
        size_t name = equals != NULL ? (size_t)(equals - at) : 0;
        int column = 0;
        while (column < COLUMNS &&
               (strlen(column_names[column]) != name || strncmp(column_names[column], at, name) != 0)) {
            column++;
        }
        if (column == COLUMNS) {
            return part;
        }
        struct lw_intake_column *to = &map->column[column];
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
        char *colon = strrchr(value, ':'), wanted[12];
        if (colon != NULL && strlen(colon) < sizeof to->unit) {
            snprintf(wanted, sizeof wanted, " %s ", colon + 1);
            if (strstr(units[column], wanted) != NULL) {
                snprintf(to->unit, sizeof to->unit, "%s", colon + 1);
                *colon = '\0';
            }
        }
        if (value[0] == '\0' || strlen(value) >= sizeof to->name) {
            return part;
        }
        memcpy(to->name, value, strlen(value) + 1);
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
    size_t len = strlen(text);
    if (len == 0 || len >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, len + 1);
    char *comma = strchr(copy, ',');
    if (comma != NULL) {
        if (strchr(copy, '.') != NULL || strchr(comma + 1, ',') != NULL) {
            return false; // which of the two parts thousands is not known
        }
        *comma = '.';
    }
    return lw_watch_decimal(lw__str(copy), places, out) && *out >= 0;
}

/* Minutes, seconds … or "1:02:03" (hours first) and "42:10" (minutes first), as seconds. */
static bool duration(const char *text, const char *unit, int64_t *seconds) {
    if (strchr(text, ':') != NULL) {
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
    *seconds = strcmp(unit, "s") == 0    ? (x1000 + 500) / 1000
               : strcmp(unit, "ms") == 0 ? x1000 / 1000000
               : strcmp(unit, "h") == 0  ? x1000 * 36 / 10
                                         : x1000 * 60 / 1000;
    return true;
}

/* A time; dates with the day or the month first are turned round. *floating: a local clock without a zone. */
static bool when(const char *text, const char *unit, lw_watch_activity *a, bool *floating) {
    int64_t ms = 0;
    *floating = false;
    if (strcmp(unit, "unix") == 0) {
        bool good = lw_watch_decimal(lw__str(text), 0, &ms) && ms > 0;
        a->start_s = ms > INT64_C(100000000000) ? ms / 1000 : ms;
        return good;
    }
    char turned[48];
    int d = 0, m = 0, y = 0, used = 0, hour = 0, minute = 0, second = 0, after = 0;
    bool dmy = strcmp(unit, "dmy") == 0;
    if (dmy || strcmp(unit, "mdy") == 0) {
        if (sscanf(text, "%2d%*1[-./]%2d%*1[-./]%4d%n", dmy ? &d : &m, dmy ? &m : &d, &y, &used) < 3) {
            return false;
        }
        const char *rest = text + used + strspn(text + used, ", T");
        if (*rest != '\0' && sscanf(rest, "%2d:%2d%n:%2d%n", &hour, &minute, &after, &second, &after) < 2) {
            return false;
        }
        rest += *rest != '\0' ? after : 0;
        rest += strspn(rest, " ");
        bool pm = *rest == 'p' || *rest == 'P', am = *rest == 'a' || *rest == 'A';
        if ((*rest != '\0' && !pm && !am) || ((am || pm) && (hour < 1 || hour > 12))) {
            return false;
        }
        hour = (am || pm) ? hour % 12 + (pm ? 12 : 0) : hour;
        snprintf(turned, sizeof turned, "%04d-%02d-%02d %02d:%02d:%02d", y, m, d, hour, minute, second);
        text = turned;
    } else if (strlen(text) == 16) {
        snprintf(turned, sizeof turned, "%s:00", text);
        text = turned;
    } else if (strlen(text) == 10) {
        snprintf(turned, sizeof turned, "%s 00:00:00", text);
        text = turned;
    }
    if (!lw_watch_time(lw__str(text), &ms, &a->offset_min, &a->has_offset)) {
        return false;
    }
    *floating = !a->has_offset && text[strlen(text) - 1] != 'Z';
    a->start_s = ms / 1000;
    return true;
}

static bool read_row(lw_intake *in, const struct row *row, const int at[COLUMNS], lw_watch_activity *a, bool *floating,
                     int32_t *pain, const char **bad) {
    const char *cell[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        cell[i] = at[i] >= 0 && at[i] < row->count ? row->cell[at[i]] : "";
        cell[i] += strspn(cell[i], " \t");
    }
    const struct lw_intake_column *column = in->map.column;
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
        a->distance_cm = strcmp(column[KM].unit, "m") == 0    ? value / 10
                         : strcmp(column[KM].unit, "mi") == 0 ? value * 1609344 / 10000
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
        a->top_mms = (int32_t)(strcmp(column[TOP].unit, "ms") == 0 ? value : value * 10 / 36);
    }
    *bad = cell[PAIN];
    if (cell[PAIN][0] != '\0') {
        if (!amount(cell[PAIN], 2, &value) || value > 1000) {
            return false;
        }
        *pain = (int32_t)value;
    }
    return true;
}

void lw__intake_table(lw_intake *in, const lw_intake_source *source, const char *head, size_t head_len) {
    if (!in->map.given) {
        lw__intake_find(in, LW_FOUND_MAP, source->from, 0, NULL);
        return;
    }
    uint32_t before = in->count, found = in->finding_count;
    size_t len = 0;
    char *bytes = lw__intake_whole(in, source, head, head_len, LW_INTAKE_CSV, &len);
    if (bytes == NULL) {
        return;
    }
    char *more = in->memory(bytes, len + 1); // room for the last cell's end
    if (more == NULL) {
        in->memory(bytes, 0);
        lw__intake_find(in, LW_FOUND_MEMORY, source->from, 0, NULL);
        return;
    }
    bytes = more;
    bytes[len] = '\0';
    uint8_t hash[32];
    lw__sha256_of(bytes, len, hash);
    char *at = bytes, *end = bytes + len;
    at += len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t first = strcspn(at, "\r\n");
    int commas = 0, semicolons = 0, tabs = 0;
    for (size_t i = 0; i < first; i++) {
        commas += at[i] == ',';
        semicolons += at[i] == ';';
        tabs += at[i] == '\t';
    }
    char delimiter = semicolons > commas && semicolons >= tabs ? ';' : tabs > commas ? '\t' : ',';
    struct row row;
    uint32_t lines = 0, index = 0;
    int column[COLUMNS];
    bool mapped = next_row(&at, end, delimiter, &row, &lines);
    for (int i = 0; i < COLUMNS && mapped; i++) {
        const char *name = in->map.column[i].name;
        int number = -1;
        column[i] = -1;
        if (name[0] == '#' && sscanf(name + 1, "%d", &number) == 1 && number >= 1 && number <= row.count) {
            column[i] = number - 1;
        }
        for (int j = 0; j < row.count && column[i] < 0 && name[0] != '\0'; j++) {
            column[i] = strcmp(row.cell[j], name) == 0 ? j : -1;
        }
        if (name[0] != '\0' && column[i] < 0) {
            lw__intake_find(in, LW_FOUND_MAP, source->from, 1, name);
            mapped = false;
        }
    }
    uint32_t line = lines + 1;
    while (mapped && next_row(&at, end, delimiter, &row, &lines)) {
        lw_watch_activity activity;
        lw_intake_item *item = NULL;
        bool floating = false, empty = row.count == 1 && row.cell[0][0] == '\0';
        int32_t pain = -1;
        const char *bad = "";
        if (!empty && !read_row(in, &row, column, &activity, &floating, &pain, &bad)) {
            lw__intake_find(in, LW_FOUND_VALUE, source->from, line, bad);
        } else if (!empty) {
            if (!lw__intake_add(in, source->from, "csv", hash, index++, &activity, &item)) {
                break;
            }
            item->floating = floating;
            item->pain_x100 = pain;
        }
        line = lines + 1;
    }
    if (in->count == before && in->finding_count == found) {
        lw__intake_find(in, LW_FOUND_NO_ACTIVITY, source->from, 0, NULL);
    }
    in->memory(bytes, 0);
}
