/*
 * assets.c: the web pages inside the program.
 *
 * Files under /assets/ carry a hash in their name and never change; everything else is asked for anew each time and answered
 * with 304 while it is the same. A folder means its index.html; the two pages route by the part after '#', which never
 * reaches the server, so no other address leads to a page.
 */
#include <string.h>

#include "server/server_internal.h"

#include "base/base_internal.h"

bool lw__header_has(const char *header, const char *word) {
    size_t n = strlen(word);
    for (const char *p = header; p != NULL && *p != '\0';) {
        while (*p == ' ' || *p == ',' || *p == '\t') {
            p++;
        }
        size_t len = strcspn(p, ",");
        size_t name = strcspn(p, ",; \t");
        if (name == n && strncasecmp(p, word, n) == 0) {
            const char *q = memchr(p, '=', len);
            /* q=0, q=0.0, q=0.000: not wanted */
            return q == NULL || strspn(q + 1, "0. ") < strcspn(q + 1, ",");
        }
        p += len;
    }
    return false;
}

bool lw_server_pages(void) {
    return lw_asset_count > 0;
}

static const lw_asset *find(const char *path) {
    size_t low = 0, high = lw_asset_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(path, lw_assets[middle].path);
        if (order == 0) {
            return &lw_assets[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static void text(lw__page *out, int status, const char *body) {
    *out = (lw__page){.status = status, .type = "text/html; charset=utf-8", .cache = "no-cache"};
    out->bytes = (const unsigned char *)body;
    out->len = strlen(body);
}

#define PAGE(title, words)                                                                                            \
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>" title "</title><meta name=\"viewport\" " \
    "content=\"width=device-width\"></head><body><h1>" title "</h1><p>" words "</p></body></html>\n"

void lw__page_find(lw_str path, const char *encodings, const char *if_none_match, lw__page *out) {
    char name[256];
    if (path.len == 0 || path.len > 200 || memchr(path.ptr, '%', path.len) != NULL) {
        text(out, 404, PAGE("Not found", "There is nothing at this address."));
        return;
    }
    memcpy(name, path.ptr, path.len);
    name[path.len] = '\0';
    bool folder = name[path.len - 1] == '/';
    if (folder) {
        memcpy(name + path.len, "index.html", 11);
    }
    const lw_asset *asset = find(name);
    if (asset == NULL && !folder) {
        memcpy(name + path.len, "/index.html", 12);
        if (find(name) != NULL) {
            static const char *const folders[] = {"/clinic"};
            for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
                if (lw__str_eq(path, lw__str(folders[i]))) {
                    text(out, 308, "");
                    out->location = "/clinic/";
                    return;
                }
            }
        }
    }
    if (asset == NULL) {
        if (lw_asset_count == 0 && folder) {
            text(out, 200,
                 PAGE("Loadwave", "This program was built without its web pages; the API under /api/v1 answers. "
                                  "<code>make build</code> with Node.js installed brings the pages in."));
            return;
        }
        text(out, 404, PAGE("Not found", "There is nothing at this address."));
        return;
    }
    bool hashed = strncmp(name, "/assets/", 8) == 0;
    *out = (lw__page){.status = 200,
                      .type = asset->type,
                      .etag = asset->etag,
                      .cache = hashed ? "public, max-age=31536000, immutable" : "no-cache",
                      .bytes = asset->raw,
                      .len = asset->raw_len};
    if (if_none_match[0] != '\0' && (strstr(if_none_match, asset->etag) != NULL || strcmp(if_none_match, "*") == 0)) {
        out->status = 304;
        out->bytes = NULL;
        out->len = 0;
    } else if (asset->br != NULL && lw__header_has(encodings, "br")) {
        out->encoding = "br";
        out->bytes = asset->br;
        out->len = asset->br_len;
    } else if (asset->gz != NULL && lw__header_has(encodings, "gzip")) {
        out->encoding = "gzip";
        out->bytes = asset->gz;
        out->len = asset->gz_len;
    }
}
