/*
 * place_post.c: whether reminders can leave this machine, for `loadwave doctor`: the mail server is greeted, its certificate looked
 * at and signed in to as for a letter, and nothing is sent; the key of notifications is opened.
 */
#include <stdio.h>
#include <string.h>

#include "cli/place.h"
#include "send/mail.h"
#include "server/server.h"

/* The first line of the file, as serve reads it. False: there is none. */
static bool password_of(const char *path, char out[200]) {
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fgets(out, 200, file) != NULL;
    if (file != NULL) {
        fclose(file);
    }
    if (read) {
        out[strcspn(out, "\r\n")] = '\0';
    }
    return read && out[0] != '\0';
}

static void look_at_mail(const cli_place *place, lw_check *check) {
    char why[300] = "", password[200] = "";
    lw_mail_options mail = {
        .url = place->smtp, .from = place->mail_from, .user = place->mail_user, .ca = place->mail_ca};
    if (lw_mail_check(&mail, why, sizeof why) != LW_OK) {
        cli_place_say(check, true, "E-mail: %s.", why);
        return;
    }
    if (place->mail_user != NULL) {
        if (place->mail_password == NULL || !password_of(place->mail_password, password)) {
            cli_place_say(check, true,
                          "The password for the mail server cannot be read: whether it works is not known.");
            return;
        }
        mail.password = password;
    }
    if (lw_mail_probe(&mail, why, sizeof why)) {
        cli_place_say(check, false, "The mail server %s takes mail from here (none was sent).", place->smtp);
    } else {
        cli_place_say(
            check, true,
            "The mail server %s does not take mail from here: %s. Until it does, reminders by e-mail wait, and "
            "those whose day is over are lost.",
            place->smtp, why);
    }
    explicit_bzero(password, sizeof password);
}

/*
 * The subject of a signed notification (RFC 8292): an address or a page under which the push services reach who sends, mailto: or https:.
 * The server makes it of --mail-from, and of the origin where there is none.
 */
static void look_at_contact(const cli_place *place, lw_check *check) {
    const char *from = place->mail_from;
    if (from != NULL && !lw_mail_address(from)) {
        cli_place_say(check, true,
                      "Notifications: push services are told mailto:%s as whom to write to, and that is no address, as "
                      "clinic@example.org without a name or <>. Set --mail-from right, or they refuse what is sent.",
                      from);
    } else if (from != NULL) {
        cli_place_say(check, false, "Push services are told whom to write to: mailto:%s.", from);
    } else if (strncmp(place->origin, "https://", 8) == 0) {
        cli_place_say(check, false, "Push services are told whom to write to: %s.", place->origin);
    } else {
        cli_place_say(check, strncmp(place->origin, "http://localhost", 16) != 0,
                      "Notifications: push services want to know whom to write to, mailto: or https:, and are told %s; "
                      "most refuse what is sent so. Set --mail-from, or an https origin.",
                      place->origin);
    }
}

void cli_place_post(const cli_place *place, lw_check *check) {
    if (place->smtp != NULL && place->mail_from != NULL &&
        (place->mail_user == NULL) == (place->mail_password == NULL)) {
        look_at_mail(place, check);
    }
    if (place->origin != NULL || place->mail_from != NULL) {
        look_at_contact(place, check);
    }
    switch (place->store != NULL ? lw_server_vapid_state(place->store, place->secrets_key) : LW_VAPID_UNSEEN) {
    case LW_VAPID_GOOD:
        cli_place_say(check, false, "The key of notifications opens.");
        break;
    case LW_VAPID_SEALED:
        if (place->secrets_key != NULL) {
            cli_place_say(
                check, true,
                "The key of notifications does not open with %s: the next start makes a new one, and everybody "
                "turns notifications on again. Bring back the right file first, if there is one.",
                place->secrets_key);
        } else {
            cli_place_say(check, false,
                          "The key of notifications is sealed; which file opens it is not told (--settings).");
        }
        break;
    case LW_VAPID_NONE: /* the first start makes it */
    case LW_VAPID_UNSEEN:
        break;
    }
}
