/*
 * fuzz_fold.c: any course of any patient through the engine.
 *
 * The input bytes are read as a script of events (structure-aware, so that most inputs are valid records): each event
 * takes a kind, a day step and a few values. The record is written as text, read back, and planned on three days. What
 * must hold: no crash, no sanitizer report, the same bytes twice, and nothing prescribed while the status is stopped.
 */
#include "loadwave/loadwave.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef LW_PROTOCOL_FILE
#define LW_PROTOCOL_FILE "protocols/pht/pht.protocol"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct script {
    const uint8_t *at;
    size_t left;
} script;

static unsigned take(script *s) {
    if (s->left == 0) {
        return 0;
    }
    s->left--;
    return *s->at++;
}

static const char *const exercises[] = {
    "bridge-hold-double", "bridge-hold-single", "curl-hold-prone", "seated-hold",
    "leg-curl-prone",     "glute-bridge",       "nordic",          "rdl",
    "hip-thrust",         "bounding",           "strides",         "no-such-exercise"};
static const char *const codes[] = {"C01", "C02", "C05", "C06", "C11", "C12", "C13"};
static const char *const medicines[] = {"nsaid", "steroid_injection", "fluoroquinolone", "anticoagulant", "other"};

/* One event as a line; the day goes forward by at most three. */
static size_t write_event(script *s, char *out, size_t cap, unsigned n, int *day) {
    unsigned kind = take(s) % 18;
    *day += (int)(take(s) % 4);
    int32_t year;
    int32_t month;
    int32_t dom;
    lw_day_to_civil(20500 + *day, &year, &month, &dom);
    char head[256];
    unsigned hour = 6 + take(s) % 14;
    const char *by = kind == 5 || kind == 12 || kind == 16 ? "clinician:a" : "patient";
    static const char *const names[] = {"checkin",   "checkin", "exercise", "exercise", "activity", "cleared",
                                        "screened",  "symptom", "assessed", "tested",   "medicine", "condition",
                                        "shockwave", "booked",  "paused",   "resumed",  "limit",    "accepted"};
    snprintf(head, sizeof(head),
             "{\"v\":1,\"id\":\"00000000-0000-4000-8000-%012x\",\"patient\":\"f\",\"kind\":\"%s\","
             "\"at\":\"%04d-%02d-%02dT%02u:00:00+0%u:00\",\"by\":\"%s\",\"data\":",
             n, names[kind], (int)year, (int)month, (int)dom, hour, take(s) % 3, by);
    unsigned a = take(s);
    unsigned b = take(s);
    unsigned c = take(s);
    char body[512];
    switch (kind) {
    case 0:
    case 1:
        snprintf(body, sizeof(body),
                 "{\"pain_morning\":%u,\"pain_test\":%u,\"night_pain\":%s,\"rest_pain\":%s,\"sitting_min\":%u,"
                 "\"pain_relief\":\"%s\",\"stiffness_min\":%u}",
                 a % 11, b % 11, (c & 1) != 0 && a > 200 ? "true" : "false", (c & 2) != 0 && a > 220 ? "true" : "false",
                 b, c > 230 ? "nsaid" : "none", c);
        break;
    case 2:
    case 3:
        snprintf(body, sizeof(body),
                 "{\"exercise\":\"%s\",\"side\":\"left\",\"sets\":[{\"reps\":%u,\"load_kg\":%u,\"hold_s\":%u},{"
                 "\"reps\":%u}],"
                 "\"pain_during\":%u,\"effort\":%u}",
                 exercises[a % 12], 1 + b % 20, c, 1 + a, 1 + b % 20, c % 11, b % 11);
        break;
    case 4:
        snprintf(body, sizeof(body), "{\"type\":\"%s\",\"minutes\":%u,\"km\":%u,\"pain_during\":%u}",
                 a % 3 == 0 ? "walk" : "run", b, b / 6, c % 11);
        break;
    case 5:
        snprintf(body, sizeof(body),
                 "{\"events\":[\"00000000-0000-4000-8000-%012x\"],\"note\":\"n\",\"codes\":[\"C06\"]}", a % (n + 1));
        break;
    case 6:
        snprintf(body, sizeof(body), a > 240 ? "{\"flags\":[\"RF12\"]}" : "{\"flags\":[]}");
        break;
    case 7:
        snprintf(body, sizeof(body), "{\"flag\":\"RF%02u\"}", 1 + a % 15);
        break;
    case 8:
        snprintf(body, sizeof(body),
                 "{\"onset\":\"gradual\",\"weeks\":%u,\"localised\":true,\"load_increase\":true,\"adl_pain\":%u,"
                 "\"sitting_min\":%u,\"tests\":{\"bridge_single\":%u,\"lunge\":%u},\"contraindications\":[],"
                 "\"imaging\":\"mri\",\"loading_weeks\":%u}",
                 a, b % 11, c, a % 11, b % 11, c % 30);
        break;
    case 9:
        snprintf(body, sizeof(body),
                 "{\"tests\":{\"bridge_single\":%u,\"rdl\":%u,\"lunge\":%u,\"drop_lunge\":%u},"
                 "\"bridge_reps\":{\"left\":%u,\"right\":%u}}",
                 a % 11, b % 11, c % 11, a % 3, 10 + b % 30, 10 + c % 30);
        break;
    case 10:
        snprintf(body, sizeof(body), "{\"class\":\"%s\",\"from\":\"%04d-%02d-%02d\"}", medicines[a % 5], (int)year,
                 (int)month, (int)dom);
        break;
    case 11:
        snprintf(body, sizeof(body), "{\"code\":\"%s\",\"present\":true}", codes[a % 7]);
        break;
    case 12:
        snprintf(body, sizeof(body),
                 "{\"side\":\"left\",\"wave\":\"radial\",\"device\":\"d\",\"pressure_bar\":3,\"impulses\":2000,"
                 "\"anaesthetic\":false,\"consent\":true}");
        break;
    case 13:
        snprintf(body, sizeof(body), "{\"what\":\"shockwave\",\"on\":\"%04d-%02d-%02d\"}", (int)year, (int)month,
                 (int)dom);
        break;
    case 14:
        snprintf(body, sizeof(body), "{\"reason\":\"holiday\"}");
        break;
    case 15:
        snprintf(body, sizeof(body), "{}");
        break;
    case 16:
        snprintf(body, sizeof(body), "{\"exercise\":\"%s\",\"max\":%u,\"reason\":\"r\"}", exercises[a % 11], b % 4);
        break;
    default:
        snprintf(body, sizeof(body), "{\"what\":\"stage\",\"variable\":\"stage\",\"to\":\"eccentric\"}");
        break;
    }
    int length = snprintf(out, cap, "%s%s}\n", head, body);
    return length < 0 ? 0 : (size_t)length < cap ? (size_t)length : cap - 1;
}

static char *read_file(const char *path, size_t *length) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        abort();
    }
    char *text = malloc(LW_MAX_PROTOCOL);
    *length = fread(text, 1, LW_MAX_PROTOCOL, f);
    fclose(f);
    return text;
}

static const lw_protocol *protocol(void) {
    static const lw_protocol *compiled;
    static uint8_t result[LW_PROTOCOL_RESULT];
    static uint8_t scratch[LW_PROTOCOL_SCRATCH];
    if (compiled == NULL) {
        size_t length;
        char *text = read_file(LW_PROTOCOL_FILE, &length);
        lw_arena r = lw_arena_over(result, sizeof(result));
        lw_arena s = lw_arena_over(scratch, sizeof(scratch));
        if (lw_protocol_compile((lw_str){text, (uint32_t)length}, &r, &s, &compiled, NULL) != LW_OK) {
            fprintf(stderr, "%s does not compile\n", LW_PROTOCOL_FILE);
            abort();
        }
    }
    return compiled;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { TEXT = 256 * 1024, ARENA = 2 * 1024 * 1024 };
    static char text[TEXT];
    static uint8_t record_memory[ARENA];
    static uint8_t scratch_memory[ARENA];
    static uint8_t plan_memory[2][LW_PLAN_RESULT];
    static const char start[] =
        "{\"v\":1,\"id\":\"10000000-0000-4000-8000-000000000001\",\"patient\":\"f\",\"kind\":\"enrolled\",\"at\":"
        "\"2026-02-14T08:00:00+01:00\",\"by\":\"patient\",\"data\":{\"birth_year\":1986,\"sides\":[\"left\"],\"goal\":"
        "\"sport\"}}\n"
        "{\"v\":1,\"id\":\"10000000-0000-4000-8000-000000000002\",\"patient\":\"f\",\"kind\":\"screened\",\"at\":"
        "\"2026-02-14T08:01:00+01:00\",\"by\":\"patient\",\"data\":{\"flags\":[]}}\n"
        "{\"v\":1,\"id\":\"10000000-0000-4000-8000-000000000003\",\"patient\":\"f\",\"kind\":\"started\",\"at\":"
        "\"2026-02-14T08:02:00+01:00\",\"by\":\"clinician:a\",\"data\":{\"protocol\":\"pht@1.0.0\",\"authority\":"
        "\"progress\","
        "\"equipment\":[\"mat\",\"dumbbell\",\"machine\",\"barbell\",\"bench\",\"box\"]}}\n";

    size_t length = sizeof(start) - 1;
    memcpy(text, start, length);
    script s = {data, size};
    int day = 0;
    for (unsigned n = 1; s.left > 0 && n < 400; n++) {
        length += write_event(&s, text + length, TEXT - length, n, &day);
    }
    lw_arena result = lw_arena_over(record_memory, sizeof(record_memory));
    lw_arena scratch = lw_arena_over(scratch_memory, sizeof(scratch_memory));
    lw_record record;
    if (lw_record_read((lw_str){text, (uint32_t)length}, &result, &scratch, &record, NULL) != LW_OK) {
        return 0;
    }
    for (int back = 0; back < 3; back++) {
        lw_work work[2];
        for (int k = 0; k < 2; k++) {
            work[k] = (lw_work){lw_arena_over(plan_memory[k], sizeof(plan_memory[k])), scratch, {NULL, 0}};
            if (lw_plan(protocol(), &record, 20500 + day + 1 - back * 3, 0, &work[k], NULL) != LW_OK) {
                abort();
            }
        }
        if (work[0].json.len != work[1].json.len || memcmp(work[0].json.ptr, work[1].json.ptr, work[0].json.len) != 0) {
            abort();
        }
        work[0].json.len--;
        plan_memory[0][work[0].json.len] = 0;
        if (strstr(work[0].json.ptr, "\"status\":\"stopped\"") != NULL &&
            strstr(work[0].json.ptr, "\"session\":{\"due\":false,\"items\":[]}") == NULL) {
            abort();
        }
    }
    return 0;
}
