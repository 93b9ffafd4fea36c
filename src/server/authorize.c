/*
 * authorize.c: who may do what. One pure function, one table (schema/routes.json), and a test that asks every route as every
 * role about the own and another clinic's patient.
 *
 * The order of answers is part of it: first whether the role has the route at all, then whether the sign-in is strong
 * enough, and only then whose patient it is, so that nobody learns from an answer whether a patient exists elsewhere.
 */
#include <string.h>

#include "server/http.h"

static bool same(const char *a, const char *b) {
    return a[0] != 0 && strcmp(a, b) == 0;
}

/* True when no role reaches beyond the own account with this route, and staff have it: a patient's own is about the record. */
static bool own_account(const lw_route *route) {
    bool wide = strstr(route->path, "{patient}") != NULL, staff = false;
    for (uint32_t i = 0; i < 4; i++) {
        wide = wide || route->scope[i] == LW_SCOPE_CLINIC;
        staff = staff || (i > 0 && route->scope[i] == LW_SCOPE_SELF);
    }
    return staff && !wide;
}

int32_t lw_authorize(const lw_route *route, const lw_principal *who, const lw_target *target) {
    if (route->open) {
        return LW_OK;
    }
    if (who->roles == 0) {
        return LW_ERR_SIGN_IN;
    }
    bool self = false, clinic = false;
    for (uint32_t i = 0; i < 4; i++) {
        bool has = (who->roles >> i & 1) != 0;
        self = self || (has && route->scope[i] == LW_SCOPE_SELF);
        clinic = clinic || (has && route->scope[i] == LW_SCOPE_CLINIC);
    }
    if (!self && !clinic) {
        return LW_ERR_FORBIDDEN;
    }
    if (who->limited && !own_account(route)) {
        return LW_ERR_SECOND_FACTOR;
    }
    if (strstr(route->path, "{patient}") == NULL) {
        return LW_OK;
    }
    bool may = (self && same(who->patient, target->patient)) || (clinic && same(who->clinic, target->clinic));
    if (!may || target->clinic[0] == 0) {
        return LW_ERR_NOT_FOUND;
    }
    return target->erased ? LW_ERR_GONE : LW_OK;
}
