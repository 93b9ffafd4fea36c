/*
 * intake_xml.c: GPX, TCX and Apple's health export, each as a stream through expat; what the elements mean is told by
 * src/watch/xml_dialect.c.
 *
 * In GPX and TCX a document type of any kind ends the reading: nothing that expands or points elsewhere is followed. A health
 * export carries one that is not well formed, so it is taken out before the parser sees it, unread (lw_mend).
 */
#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "base/base_internal.h"
#include "intake/intake.h"
#include "watch/xml.h"

enum { CHUNK = LW_MEND_FIRST };

struct reading {
    lw_intake *in;
    const lw_intake_source *source;
    XML_Parser parser;
    lw_xml xml;
    lw_mender mender;
    lw__sha256 sha;
};

/* The hash is only known at the end of the file; items get their key then. */
static const uint8_t no_hash[32];

static bool add(void *to, const lw_found_activity *found) {
    struct reading *r = to;
    return lw__intake_take(r->in, r->source->from, found, no_hash) != NULL;
}

static void find(void *to, lw_found what, uint32_t line, const char *detail) {
    struct reading *r = to;
    bool placed = what != LW_FOUND_UNREADABLE && what != LW_FOUND_NO_ACTIVITY;
    line = line == 0 && placed ? (uint32_t)XML_GetCurrentLineNumber(r->parser) : line;
    lw__intake_find(r->in, what, r->source->from, line, detail);
}

/* After a call that may have stopped it. */
static void look(struct reading *r) {
    if (r->xml.stopped) {
        XML_StopParser(r->parser, XML_FALSE);
    }
}

static void on_start(void *data, const char *name, const char **list) {
    struct reading *r = data;
    lw_xml_start(&r->xml, name, list);
    look(r);
}

static void on_end(void *data, const char *name) {
    (void)name;
    struct reading *r = data;
    lw_xml_end(&r->xml);
    look(r);
}

static void on_text(void *data, const char *text, int len) {
    struct reading *r = data;
    lw_xml_text(&r->xml, text, (size_t)len);
}

static void refuse(struct reading *r) {
    lw_xml_stop(&r->xml, LW_FOUND_ENTITY, NULL);
    look(r);
}

static void on_doctype(void *data, const char *name, const char *system, const char *public, int internal) {
    (void)name, (void)system, (void)public, (void)internal;
    refuse(data);
}

static void on_entity(void *data, const char *name, int parameter, const char *value, int len, const char *base,
                      const char *system, const char *public, const char *notation) {
    (void)name, (void)parameter, (void)value, (void)len, (void)base, (void)system, (void)public, (void)notation;
    refuse(data);
}

static int on_reference(XML_Parser parser, const char *context, const char *base, const char *system,
                        const char *public) {
    (void)parser, (void)context, (void)base, (void)system, (void)public;
    return XML_STATUS_ERROR;
}

/* Gives the parser all chunks until it stops. chunk holds CHUNK bytes, of which the first len are given. */
static void read_all(struct reading *r, char *chunk, size_t len) {
    int64_t total = (int64_t)len;
    bool last = false;
    while (!r->xml.stopped && !last) {
        while (len < CHUNK && !last && !r->xml.stopped) { // whole chunks, so that a document type begins in the first
            int64_t got = r->source->read(r->source->where, chunk + len, CHUNK - len);
            if (got < 0) {
                lw_xml_stop(&r->xml, LW_FOUND_UNREADABLE, NULL);
            }
            last = got <= 0;
            len += got > 0 ? (size_t)got : 0;
            total += got > 0 ? got : 0;
        }
        if (r->xml.stopped) {
            return;
        }
        if (total > r->source->most || (r->xml.dialect != LW_XML_HEALTH && total > LW_INTAKE_XML)) {
            lw_xml_stop(&r->xml, LW_FOUND_LIMIT, NULL);
            return;
        }
        if (r->xml.dialect != LW_XML_HEALTH) {
            lw__sha256_update(&r->sha, chunk, len);
        }
        len = lw_mend(&r->mender, r->xml.dialect, chunk, len);
        if (XML_Parse(r->parser, chunk, (int)len, last) != XML_STATUS_OK && !r->xml.stopped) {
            enum XML_Error error = XML_GetErrorCode(r->parser);
            lw_xml_stop(&r->xml, error == XML_ERROR_NO_MEMORY ? LW_FOUND_MEMORY : LW_FOUND_BROKEN,
                        XML_ErrorString(error));
        }
        len = 0;
    }
}

void lw__intake_xml(lw_intake *in, const lw_intake_source *source, const char *head, size_t head_len) {
    struct reading *r = in->memory(NULL, sizeof *r);
    char *chunk = in->memory(NULL, CHUNK);
    static const XML_Memory_Handling_Suite *const heap = NULL;
    XML_Parser parser = r != NULL && chunk != NULL ? XML_ParserCreate_MM(NULL, heap, NULL) : NULL;
    if (parser == NULL) {
        lw__intake_find(in, LW_FOUND_MEMORY, source->from, 0, NULL);
        in->memory(r, 0);
        in->memory(chunk, 0);
        return;
    }
    memset(r, 0, sizeof *r);
    r->in = in;
    r->source = source;
    r->parser = parser;
    const lw_found_out out = {r, add, find};
    const uint32_t first = in->count;
    lw_xml_begin(&r->xml, &out, (lw_watch_sport)in->hint);
    lw__sha256_init(&r->sha);
    XML_SetUserData(parser, r);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    XML_SetEntityDeclHandler(parser, on_entity);
    XML_SetExternalEntityRefHandler(parser, on_reference);
    XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_NEVER);
    memcpy(chunk, head, head_len);
    read_all(r, chunk, head_len);
    lw_xml_over(&r->xml);
    if (r->xml.dialect != LW_XML_HEALTH) { // known by all bytes; a file that broke by those that were read
        uint8_t hash[32];
        lw__sha256_final(&r->sha, hash);
        for (uint32_t i = first; i < in->count; i++) {
            for (int j = 0; j < 8; j++) {
                snprintf(in->items[i].key + 4 + 2 * j, 3, "%02x", hash[j]);
            }
            in->items[i].key[20] = ':';
        }
    }
    XML_ParserFree(parser);
    in->memory(chunk, 0);
    in->memory(r, 0);
}
