/*
 * verb_serve.c: the server in the foreground, until it is told to stop.
 *
 * What a person has to know is printed on standard output: the address, and on a first start how to sign in. Log lines go to
 * standard error. Signals are waited for on this thread alone, with everything blocked before any other thread begins.
 */
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/demo.h"
#include "cli/first.h"
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

/* A blank or what a shell would take apart is quoted, so that the line can be copied. */
static void print_quoted(const char *text) {
    putchar('\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", stdout);
        } else {
            putchar(*text);
        }
    }
    putchar('\'');
}

/* A store without a clinic is open to nobody: there is no account, and none can be made over the network. */
static void say_first(const lw_server *server, const char *store) {
    fputs("\nThis store is new: nobody can sign in, and nobody can make an account over the network. The first clinic, "
          "and "
          "a one-time link for its first clinician, are made on this machine:\n\n    ",
          stdout);
    /* What systemd starts runs as a user of its own, whose the files of the store must stay. */
    const struct passwd *user = getenv("INVOCATION_ID") != NULL && geteuid() != 0 ? getpwuid(geteuid()) : NULL;
    if (user != NULL) {
        printf("runuser -u %s -- ", user->pw_name);
    }
    fputs("loadwave clinic add ", stdout);
    if (strstr(store, "://") == NULL) {
        print_quoted(store);
    } else {
        fputs("STORE", stdout); /* it may hold a password */
    }
    printf(" --name CLINIC --login NAME --origin %s\n", lw_server_origin(server));
}

/* What a terminal is asked on a first start. False: left out. */
static bool ask_first(cli_first *first, char clinic[121], char person[121], char login[121]) {
    static const char *const languages[] = {"en", "es"};
    cli_ask ask = {.screen = cli_screen_out()};
    int language = 0;
    static char country[8];
    puts("\nThis store is new. Its first clinic and first clinician (an empty line: later, with loadwave clinic add):");
    if (!cli_ask_text(&ask, "The clinic's name", clinic, 121) || !cli_ask_text(&ask, "Your name", person, 121) ||
        !cli_ask_text(&ask, "Your sign-in name, often an e-mail address", login, 121)) {
        return false;
    }
    if (cli_ask_word(&ask, "The clinic's language", languages, 2, &language)) {
        first->language = languages[language];
    }
    if (cli_ask_text(&ask, "The country, two letters; it decides the emergency words (empty: GB)", country,
                     sizeof country)) {
        first->country = country;
    }
    first->clinic = clinic;
    first->person = person;
    first->login = login;
    return true;
}

/*
 * On a first start without a clinic: --first names its first clinician; a terminal is asked; a service says what to run. Nobody
 * gets a password: who is named sets an own one behind a link that works once.
 */
static int first_clinic(lw_server *server, const cli_args *args, const char *store) {
    lw_sql *sql = lw_store_reader(lw_server_store(server));
    bool any = false;
    int32_t err = sql != NULL ? lw_clinics_any(sql, &any) : LW_ERR_BUSY;
    if (sql != NULL) {
        lw_store_reader_back(lw_server_store(server), sql);
    }
    if (err != LW_OK) {
        fprintf(stderr, "loadwave serve: the clinics could not be read: %s\n", lw_err_sentence(err));
        return CLI_IO;
    }
    if (any) {
        return CLI_OK;
    }
    char clinic[121], person[121], login[121];
    cli_first first = {.clinic = "My clinic", .login = cli_option_value(args, "--first")};
    bool named = first.login != NULL ||
                 (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && ask_first(&first, clinic, person, login));
    if (!named) {
        say_first(server, store);
        return CLI_OK;
    }
    first.origin = lw_server_origin(server);
    return cli_first_clinic(args, lw_server_store(server), &first, lw_server_now(server));
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
    int code = cli_option_value(args, "--demo") != NULL ? cli_demo_make(server, args, options->store)
                                                        : first_clinic(server, args, options->store);
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
                                 .mail_ca = cli_option_value(args, "--mail-ca"),
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
