/*
 * verb_serve.c: the server in the foreground, until it is told to stop.
 *
 * What a person has to know is printed on standard output: the address, and on a first start how to sign in. Log lines go to
 * standard error. Signals are waited for on this thread alone, with everything blocked before any other thread begins.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/demo.h"
#include "server/identity.h"
#include "server/server.h"
#include "store/clinic.h"

/* Tells systemd, when it asked to be told. */
static void notify(const char *state) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path) {
        return;
    }
    size_t len = strlen(path);
    memcpy(address.sun_path, path, len);
    if (path[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
        if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, size) < 0) {
            perror("loadwave: NOTIFY_SOCKET");
        }
        close(fd);
    }
}

/* Makes the folder of a new store, so that `serve --store build/demo/loadwave.db` just works; one level at a time. */
static void make_folder(const char *store) {
    char path[4096];
    if (strstr(store, "://") != NULL || strlen(store) >= sizeof path) {
        return;
    }
    snprintf(path, sizeof path, "%s", store);
    for (char *p = path + 1; *p != '\0'; p++) {
        if (*p == '/') {
            *p = '\0';
            (void)mkdir(path, 0700); /* what goes wrong shows when the store is opened */
            *p = '/';
        }
    }
}

/* On a first start without a clinic: one clinic with one admin, and a link that can be used once. */
static int first_admin(lw_server *server) {
    lw_sql *sql = lw_store_reader(lw_server_store(server));
    bool any = false;
    int32_t err = sql != NULL ? lw_clinics_any(sql, &any) : LW_ERR_BUSY;
    if (sql != NULL) {
        lw_store_reader_back(lw_server_store(server), sql);
    }
    if (err == LW_OK && any) {
        return CLI_OK;
    }
    char clinic[37], account[37], token[44], url[512];
    lw_seed_clinic fresh = {
        .name = "My clinic", .language = "en", .country = "GB", .second_factor = true, .protocol = lw_builtin_text()};
    if (err == LW_OK) {
        err = lw_seed_clinic_add(lw_server_store(server), &fresh, lw_server_now(server), clinic);
    }
    lw_seed_staff admin = {.clinic = clinic,
                           .login = "admin",
                           .name = "Admin",
                           .language = "en",
                           .roles = LW_ROLE_ADMIN | LW_ROLE_CLINICIAN,
                           .invite = true};
    if (err == LW_OK) {
        err = lw_seed_staff_add(lw_server_store(server), &admin, lw_server_now(server), account, token);
    }
    if (err != LW_OK) {
        fprintf(stderr, "loadwave serve: the first clinic could not be made: %s\n", lw_err_sentence(err));
        return CLI_IO;
    }
    lw_invite_url(lw_server_origin(server), true, token, url, sizeof url);
    printf("\nThis store is new. The first clinic and its first admin (sign-in name: admin) are waiting for you:\n\n   "
           " %s\n\n"
           "The link works once, for three days. Keep it to yourself.\n",
           url);
    return CLI_OK;
}

static int serve(const cli_args *args, const lw_server_options *options) {
    char why[400] = "";
    lw_server *server = NULL;
    int32_t err = lw_server_open(options, &server, why, sizeof why);
    if (err != LW_OK) {
        fprintf(stderr, "loadwave serve: %s\n", why[0] != '\0' ? why : lw_err_sentence(err));
        return err == LW_ERR_VALUE || err == LW_ERR_MISSING ? CLI_BAD : CLI_IO;
    }
    /* A newer program brings a newer protocol; nobody is moved to it by that. */
    err = lw_seed_protocol_add(lw_server_store(server), lw_builtin_text(), lw_server_now(server));
    if (err != LW_OK) {
        fprintf(stderr, "loadwave serve: the built-in protocol could not be published: %s\n", lw_err_sentence(err));
    }
    int code =
        cli_option_value(args, "--demo") != NULL ? cli_demo_make(server, args, options->store) : first_admin(server);
    if (code == CLI_OK) {
        err = lw_server_start(server, why, sizeof why);
        if (err != LW_OK) {
            fprintf(stderr, "loadwave serve: %s\n", why);
            code = CLI_IO;
        }
    }
    if (code == CLI_OK) {
        /* This line is the sign that it is ready: all that a person has to know stands before it, and it comes in one piece. */
        fflush(stdout);
        printf("\nLoadwave listens at %s/  (the clinic's console: %s/clinic/)\nStop it with Ctrl-C.\n\n",
               lw_server_origin(server), lw_server_origin(server));
        fflush(stdout);
        notify("READY=1");
        sigset_t stop;
        sigemptyset(&stop);
        sigaddset(&stop, SIGINT);
        sigaddset(&stop, SIGTERM);
        int caught = 0;
        sigwait(&stop, &caught);
        notify("STOPPING=1");
    }
    if (!lw_server_close(server)) {
        _exit(CLI_IO);
    }
    return code;
}

int cli_verb_serve(const cli_args *args) {
    const char *store = cli_option_value(args, "--store");
    long threads = 0;
    int code = cli_option_number(args, "--threads", 1, 64, &threads);
    if (code != CLI_OK) {
        return code;
    }
    lw_server_options options = {.store = store != NULL ? store : "loadwave.db",
                                 .listen = cli_option_value(args, "--listen"),
                                 .origin = cli_option_value(args, "--origin"),
                                 .backups = cli_option_value(args, "--backups"),
                                 .backup_key = cli_option_value(args, "--backup-key"),
                                 .secrets_key = cli_option_value(args, "--secrets-key"),
                                 .forget_authenticators = cli_option_value(args, "--forget-authenticators") != NULL,
                                 .threads = (uint32_t)threads,
                                 .proxy = cli_option_value(args, "--proxy") != NULL,
                                 .smtp = cli_option_value(args, "--smtp"),
                                 .mail_from = cli_option_value(args, "--mail-from"),
                                 .mail_user = cli_option_value(args, "--mail-user"),
                                 .mail_password = cli_option_value(args, "--mail-password-file"),
                                 .push_service = cli_option_value(args, "--push-service")};
    make_folder(options.store);
    sigset_t all;
    sigemptyset(&all);
    sigaddset(&all, SIGINT);
    sigaddset(&all, SIGTERM);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGPIPE, SIG_IGN);
    return serve(args, &options);
}
