/*
 * verb_clinic.c: clinics of one file, the first and every other, while the server runs or not. The new clinic's first member of staff gets a one-time link; no password is ever set for anybody.
 */
#include <string.h>

#include "cli/first.h"
#include "server/identity.h"
#include "server/server.h"

static int open_store(const cli_args *args, bool create, lw_store **store) {
    char why[300] = "";
    lw_store_options options = {.where = args->positional[0], .readers = 1, .create = create};
    if (lw_store_open(&options, store, why, sizeof why) != LW_OK) {
        fprintf(stderr, "loadwave %s: %s\n", args->verb->name, why);
        return CLI_IO;
    }
    return CLI_OK;
}

static int refused(const cli_args *args, int32_t err) {
    fprintf(stderr, "loadwave %s: %s\n", args->verb->name, lw_err_sentence(err));
    return err == LW_ERR_EXISTS || err == LW_ERR_VALUE || err == LW_ERR_RANGE ? CLI_BAD : CLI_IO;
}

int cli_first_clinic(const cli_args *args, lw_store *store, const cli_first *first, int64_t now_s) {
    const char *language = first->language != NULL ? first->language : "en";
    const char *country = first->country != NULL ? first->country : "GB";
    if (first->clinic[0] == '\0' || first->login[0] == '\0') {
        return cli_usage(args, "the clinic's name and a sign-in name are needed");
    }
    if (strcmp(language, "en") != 0 && strcmp(language, "es") != 0) {
        return cli_usage(args, "a language is en or es, not \"%s\"", language);
    }
    if (strlen(country) != 2) {
        return cli_usage(args, "a country is two letters, as GB, not \"%s\"", country);
    }
    char clinic[37], account[37], token[44], link[512];
    lw_seed_clinic seed = {first->clinic, language, country, true, lw_builtin_text()};
    int32_t err = lw_seed_clinic_add(store, &seed, now_s, clinic);
    if (err == LW_OK) {
        lw_seed_staff staff = {.clinic = clinic,
                               .login = first->login,
                               .name = first->person != NULL ? first->person : first->login,
                               .language = language,
                               .roles = LW_ROLE_ADMIN | LW_ROLE_CLINICIAN,
                               .invite = true};
        err = lw_seed_staff_add(store, &staff, now_s, account, token);
    }
    if (err != LW_OK) {
        return refused(args, err);
    }
    lw_invite_url(first->origin, true, token, link, sizeof link);
    printf("%s\nThe link for %s, good once and for three days; keep it to yourself:\n%s\n", first->clinic, first->login,
           link);
    return CLI_OK;
}

int cli_verb_clinic_add(const cli_args *args) {
    const char *origin = cli_option_value(args, "--origin");
    cli_first first = {.clinic = cli_option_value(args, "--name"),
                       .login = cli_option_value(args, "--login"),
                       .person = cli_option_value(args, "--person"),
                       .language = cli_option_value(args, "--language"),
                       .country = cli_option_value(args, "--country"),
                       .origin = origin != NULL ? origin : "http://localhost:8080"};
    if (first.clinic == NULL || first.login == NULL) {
        return cli_usage(args, "--name and --login are needed: the clinic's name, and its first admin's sign-in name");
    }
    lw_store *store = NULL;
    int code = open_store(args, true, &store);
    if (code == CLI_OK) {
        code = cli_first_clinic(args, store, &first, lw_clock_now());
        lw_store_close(store);
    }
    return code;
}
