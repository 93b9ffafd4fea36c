/*
 * xml_scan.c: XML in chunks to elements, for hosts without a parser (lw_scan, xml.h).
 *
 * One state per byte; a tag is collected whole, with its quotes respected, and taken apart when its > is there. Nothing is
 * followed and nothing expands: the only entities are the five of XML itself and numbers of characters.
 */
#include "watch/xml.h"

enum { TEXT, ENTITY, OPENED, TAG, QUOTED, BANG, COMMENT, CDATA, PI };

void lw_scan_begin(lw_scan *s, lw_xml *xml) {
    memset(s, 0, sizeof *s);
    s->xml = xml;
    s->line = 1;
}

static void broken(lw_scan *s, const char *why) {
    lw_xml_stop(s->xml, LW_FOUND_BROKEN, why);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || (unsigned char)c >= 0x80;
}

static bool is_name(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* Reads what stands between & and ; into at most four bytes; 0 when it is no such thing. */
static uint32_t entity(const char *name, size_t len, char out[4]) {
    static const struct {
        const char *name;
        char is;
    } names[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (lw__str_eq((lw_str){name, (uint32_t)len}, lw__str(names[i].name))) {
            out[0] = names[i].is;
            return 1;
        }
    }
    uint32_t code = 0, base = len > 2 && name[1] == 'x' ? 16 : 10;
    size_t at = base == 16 ? 2 : 1;
    if (len < at + 1 || len > 10 || name[0] != '#') {
        return 0;
    }
    for (; at < len; at++) {
        char c = name[at];
        uint32_t digit = c >= '0' && c <= '9'                 ? (uint32_t)(c - '0')
                         : base == 16 && c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                         : base == 16 && c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
                                                              : 99;
        code = code * base + digit;
        if (digit == 99 || code > 0x10ffff) {
            return 0;
        }
    }
    bool allowed = code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0xd800) ||
                   (code >= 0xe000 && code != 0xfffe && code != 0xffff);
    return allowed ? lw__utf8_put(code, out) : 0;
}

/* A value in place: entities become what they stand for, blanks become spaces. False when one is not known. */
static bool value_of(char *from, char *to) {
    char *out = from;
    for (char *p = from; p < to; p++) {
        if (*p == '<') {
            return false;
        }
        if (*p != '&') {
            *out++ = is_blank(*p) ? ' ' : *p;
            continue;
        }
        char *end = p + 1;
        while (end < to && *end != ';') {
            end++;
        }
        char bytes[4];
        uint32_t count = end < to ? entity(p + 1, (size_t)(end - p - 1), bytes) : 0;
        if (count == 0) {
            return false;
        }
        memcpy(out, bytes, count);
        out += count;
        p = end;
    }
    *out = '\0';
    return true;
}

/* Where the open elements' names end. */
static uint16_t names_end(const lw_scan *s) {
    return s->name_at[s->xml->depth];
}

static void end_tag(lw_scan *s) {
    char *name = s->tag + 1, *end = s->tag + s->tag_len;
    while (end > name && is_blank(end[-1])) {
        end--;
    }
    int depth = s->xml->depth;
    if (depth == 0) {
        broken(s, "not well-formed (invalid token)");
        return;
    }
    uint16_t from = s->name_at[depth - 1], to = s->name_at[depth];
    if (!lw__str_eq((lw_str){name, (uint32_t)(end - name)}, (lw_str){s->names + from, (uint32_t)(to - from)})) {
        broken(s, "mismatched tag");
        return;
    }
    lw_xml_end(s->xml);
    s->closed = s->xml->depth == 0;
}

static void start_tag(lw_scan *s) {
    char *p = s->tag, *end = s->tag + s->tag_len;
    bool empty = end > p && end[-1] == '/';
    end -= empty;
    char *name = p;
    while (p < end && is_name(*p)) {
        p++;
    }
    size_t len = (size_t)(p - name);
    if (len == 0 || !is_name_start(*name) || (p < end && !is_blank(*p)) || s->closed) {
        broken(s, s->closed ? "junk after document element" : "not well-formed (invalid token)");
        return;
    }
    char *name_end = p;
    uint32_t count = 0;
    for (;;) {
        bool apart = false;
        for (; p < end && is_blank(*p); p++) {
            apart = true;
        }
        if (p == end) {
            break;
        }
        char *from = p;
        while (p < end && is_name(*p)) {
            p++;
        }
        char *to = p;
        while (p < end && is_blank(*p)) {
            p++;
        }
        if (!apart || from == to || !is_name_start(*from) || p == end || *p != '=') {
            broken(s, "not well-formed (invalid token)");
            return;
        }
        for (p++; p < end && is_blank(*p); p++) {
        }
        char quote = p < end ? *p : '\0';
        char *value = ++p;
        if (quote != '"' && quote != '\'') {
            broken(s, "not well-formed (invalid token)");
            return;
        }
        while (p < end && *p != quote) {
            p++;
        }
        if (p >= end || !value_of(value, p)) {
            broken(s, "not well-formed (invalid token)");
            return;
        }
        p++;
        *to = '\0';
        for (uint32_t i = 0; i < count; i++) {
            if (lw__str_eq(lw__str(s->list[2 * i]), lw__str(from))) {
                broken(s, "duplicate attribute");
                return;
            }
        }
        if (count == LW_SCAN_ATTRIBUTES) {
            lw_xml_stop(s->xml, LW_FOUND_LIMIT, "64 attributes");
            return;
        }
        s->list[2 * count] = from;
        s->list[2 * count + 1] = value;
        count++;
    }
    s->list[2 * count] = NULL;
    uint16_t at = names_end(s);
    if (at + len > LW_SCAN_NAMES) {
        lw_xml_stop(s->xml, LW_FOUND_LIMIT, "names");
        return;
    }
    memcpy(s->names + at, name, len);
    *name_end = '\0';
    s->any = true;
    lw_xml_start(s->xml, name, s->list);
    if (s->xml->stopped) {
        return;
    }
    s->name_at[s->xml->depth] = (uint16_t)(at + len);
    if (empty) {
        lw_xml_end(s->xml);
        s->closed = s->xml->depth == 0;
    }
}

/* A text's entity is whole. */
static void text_entity(lw_scan *s) {
    char bytes[4];
    uint32_t count = entity(s->tag, s->tag_len, bytes);
    if (count == 0 || s->xml->depth == 0) {
        broken(s, count == 0 ? "undefined entity" : "not well-formed (invalid token)");
    } else {
        lw_xml_text(s->xml, bytes, count);
    }
}

/* One byte that ends or goes on with <!…. */
static void bang(lw_scan *s, char c) {
    s->tag[s->tag_len++] = c;
    lw_str so_far = {s->tag, (uint32_t)s->tag_len};
    if (lw__str_eq(so_far, LW_STR("--"))) {
        s->state = COMMENT;
        s->seen = 0;
    } else if (lw__str_eq(so_far, LW_STR("[CDATA[")) && s->xml->depth > 0) {
        s->state = CDATA;
        s->seen = 0;
    } else if (lw__str_eq(so_far, LW_STR("DOCTYPE"))) {
        lw_xml_stop(s->xml, LW_FOUND_ENTITY, NULL);
    } else if (s->tag_len >= 7) {
        broken(s, "not well-formed (invalid token)");
    }
}

/* Bytes of UTF-8 that may follow; false when this one may not. */
static bool utf8(lw_scan *s, unsigned char c) {
    if (s->utf8_left > 0) {
        s->utf8_left--;
        return (c & 0xc0) == 0x80;
    }
    s->utf8_left = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    return c < 0x80 || (c >= 0xc2 && c < 0xf5);
}

static void byte(lw_scan *s, char c) {
    switch (s->state) {
    case TEXT:
        if (c == '<') {
            s->state = OPENED;
            s->tag_len = 0;
            s->tag_line = s->line;
        } else if (c == '&') {
            s->state = ENTITY;
            s->tag_len = 0;
        } else if (s->xml->depth > 0) {
            lw_xml_text(s->xml, &c, 1);
        } else if (!is_blank(c)) {
            broken(s, s->closed ? "junk after document element" : "not well-formed (invalid token)");
        }
        break;
    case ENTITY:
        if (c == ';') {
            s->state = TEXT;
            text_entity(s);
        } else if (s->tag_len == 12) {
            broken(s, "undefined entity");
        } else {
            s->tag[s->tag_len++] = c;
        }
        break;
    case OPENED:
        s->state = c == '!' ? BANG : c == '?' ? PI : TAG;
        s->seen = 0;
        if (s->state == TAG) {
            s->tag[s->tag_len++] = c;
            if (!is_name_start(c) && c != '/') {
                broken(s, "not well-formed (invalid token)");
            }
        }
        break;
    case TAG:
    case QUOTED:
        if (s->state == TAG && c == '>') {
            s->state = TEXT;
            s->tag[s->tag_len] = '\0';
            if (s->tag[0] == '/') {
                end_tag(s);
            } else {
                start_tag(s);
            }
            break;
        }
        if (s->tag_len == LW_SCAN_TAG) {
            lw_xml_stop(s->xml, LW_FOUND_LIMIT, "64 KiB");
            break;
        }
        s->tag[s->tag_len++] = c;
        if (s->state == QUOTED) {
            s->state = c == s->quote ? TAG : QUOTED;
        } else if (c == '"' || c == '\'') {
            s->state = QUOTED;
            s->quote = c;
        } else if (c == '<') {
            broken(s, "not well-formed (invalid token)");
        }
        break;
    case BANG:
        bang(s, c);
        break;
    case COMMENT: // --> ends it, and -- may not stand in it
        if (s->seen == 2) {
            if (c != '>') {
                broken(s, "not well-formed (invalid token)");
            }
            s->state = TEXT;
        }
        s->seen = c == '-' ? s->seen + 1 : 0;
        break;
    case CDATA:
        if (c == '>' && s->seen >= 2) {
            s->state = TEXT;
        } else {
            for (; c != ']' && s->seen > 0; s->seen--) {
                lw_xml_text(s->xml, "]", 1);
            }
            if (c == ']' && s->seen == 2) {
                lw_xml_text(s->xml, "]", 1);
            } else if (c == ']') {
                s->seen++;
            } else {
                lw_xml_text(s->xml, &c, 1);
            }
        }
        break;
    default: // PI: ?> ends it
        if (c == '>' && s->seen == 1) {
            s->state = TEXT;
        }
        s->seen = c == '?';
        break;
    }
}

void lw_scan_feed(lw_scan *s, const char *bytes, size_t len, bool last) {
    for (size_t i = 0; i < len && !s->xml->stopped; i++) {
        char c = bytes[i];
        if (((unsigned char)c >= 0x80 || s->utf8_left > 0) && !utf8(s, (unsigned char)c)) {
            broken(s, "not well-formed (invalid token)");
            break;
        }
        if (c == '\0' && s->line == 1 && !s->any) {
            broken(s, "not well-formed (invalid token)"); // not text: two bytes a character
            break;
        }
        if (s->line == 1 && i < 3 && !s->any && s->state == TEXT && (unsigned char)c >= 0x80) {
            continue; // the mark that says that this is UTF-8
        }
        byte(s, c);
        s->line += c == '\n';
    }
    if (last && !s->xml->stopped && (!s->closed || s->state != TEXT)) {
        broken(s, !s->any ? "no element found" : s->state != TEXT ? "unclosed token" : "no element found");
    }
}
