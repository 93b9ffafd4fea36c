/*
 * xml_mend.c: what exports write that is no XML, mended before a parser sees it (lw_mend, xml.h).
 */
#include "watch/xml.h"

enum { BEFORE, INSIDE, AFTER };                                  /* of lw_mender.doctype */
enum { OUTSIDE, OPENED, ELEMENT, BETWEEN, NAME, VALUE, PASSED }; /* of lw_mender.tag */

/* Whether the first chunk is that of a health export. */
static bool is_health(const char *bytes, size_t len) {
    static const char name[] = "HealthData";
    for (size_t i = 0; i + sizeof name - 1 <= len && i < LW_MEND_DOCTYPE; i++) {
        if (bytes[i] == 'H' && lw__same(bytes + i, name, sizeof name - 1)) {
            return true;
        }
    }
    return false;
}

/* One byte of a tag; a blank inside a name becomes an underscore. */
static char mend_tag(lw_mender *m, char c) {
    bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    switch (m->tag) {
    case OUTSIDE:
        m->tag = c == '<' ? OPENED : OUTSIDE;
        return c;
    case OPENED:
        m->tag = c == '!' || c == '?' ? PASSED : ELEMENT;
        return c;
    case VALUE:
        m->tag = c == m->quote ? BETWEEN : VALUE;
        return c;
    default:
        break;
    }
    if (c == '>') {
        m->tag = OUTSIDE;
    } else if (m->tag == PASSED) {
        return c;
    } else if (c == '"' || c == '\'') {
        m->tag = VALUE;
        m->quote = c;
    } else if (c == '=' || c == '/') {
        m->tag = BETWEEN;
    } else if (m->tag == NAME && blank) {
        return '_';
    } else {
        m->tag = m->tag == ELEMENT ? (blank ? BETWEEN : ELEMENT) : blank ? BETWEEN : NAME;
    }
    return c;
}

size_t lw_mend(lw_mender *m, lw_xml_dialect dialect, char *bytes, size_t len) {
    static const char begin[] = "<!DOCTYPE HealthData";
    size_t out = 0;
    m->health = m->begun ? m->health && dialect == LW_XML_HEALTH : is_health(bytes, len);
    m->begun = true;
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];
        if (m->doctype == BEFORE && c == '<' && len - i >= sizeof begin - 1 &&
            lw__same(bytes + i, begin, sizeof begin - 1)) {
            m->doctype = INSIDE;
            size_t close = i, open = i;
            for (; close < len && bytes[close] != '>'; close++) {
            }
            for (; open < len && bytes[open] != '['; open++) {
            }
            m->bracket = close < len && close < open; // no subset: the first > ends it
        }
        if (m->doctype == INSIDE) {
            if (m->skipped++ > LW_MEND_DOCTYPE) {
                m->doctype = AFTER; // the parser will say what is wrong with the rest
            }
            if (c == '>' && m->bracket) {
                m->doctype = AFTER;
                continue;
            }
            m->bracket = c == ']' || (m->bracket && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) ||
                         (m->bracket && m->skipped < sizeof begin);
            if (c == '\n') {
                bytes[out++] = c;
            }
            continue;
        }
        c = (unsigned char)c < 0x20 && c != '\n' && c != '\r' && c != '\t' ? ' ' : c;
        bytes[out++] = m->health ? mend_tag(m, c) : c;
    }
    m->doctype = m->doctype == BEFORE ? AFTER : m->doctype;
    return out;
}
