#!/usr/bin/env python3
"""A mail server for tests (aiosmtpd): mail_server.py FOLDER [USER PASSWORD [starttls|tls CERTIFICATE KEY]]

Listens on a free port of 127.0.0.1 and writes it to FOLDER/port. Each message becomes FOLDER/N.eml, with what the envelope said
in its first two lines. What it does is read from FOLDER/does at each command: nothing or "take"; "grey": the first try of each
address is put off (451); "refuse": no such address (550); "policy": the message is not taken (554); "later": never now (421).
"stall": the message is kept, but the server never says so; "relay": not for us (550 5.7.1); "full": a full box (552).
With USER it takes mail only after a sign-in, with a certificate only over TLS; every command that comes before TLS or a sign-in goes
to FOLDER/clear. Ends when its standard input does.
"""
import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    def __init__(self, folder):
        self.folder, self.seen, self.count, self.wrapped = folder, set(), len(list(folder.glob("*.eml"))), False

    def does(self):
        file = self.folder / "does"
        return file.read_text().strip() if file.exists() else "take"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.heard(session, "EHLO")
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.heard(session, "MAIL")
        envelope.mail_from = address
        return "250 OK"

    def heard(self, session, command):
        with open(self.folder / ("clear" if session.ssl is None and not self.wrapped else "secret"), "a") as file:
            file.write(command + "\n")

    async def handle_RCPT(self, server, session, envelope, address, options):
        with open(self.folder / "rcpt", "a") as file:
            file.write(address + "\n")
        does = self.does()
        if does == "refuse":
            return "550 5.1.1 no such address here"
        if does == "relay":
            return "550 5.7.1 we do not relay"
        if does == "full":
            return "552 5.2.2 mailbox full"
        if does == "later":
            return "421 4.3.2 not now"
        if does == "grey" and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.does() == "policy":
            return "554 5.7.1 not taken"
        self.count += 1
        text = f"X-From: {envelope.mail_from}\nX-To: {','.join(envelope.rcpt_tos)}\n".encode() + envelope.content
        part = self.folder / f"{self.count}.part"
        part.write_bytes(text)
        part.rename(self.folder / f"{self.count}.eml")
        while self.does() == "stall":
            await asyncio.sleep(0.1)
        return "250 taken"


async def main():
    folder = pathlib.Path(sys.argv[1])
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    options, wrap = {}, None
    if len(sys.argv) > 3:
        wanted = (sys.argv[2].encode(), sys.argv[3].encode())

        def authenticator(server, session, envelope, mechanism, data):
            keeper.heard(session, "AUTH")
            return AuthResult(success=(data.login, data.password) == wanted, handled=False)

        options = {"auth_required": True, "auth_require_tls": len(sys.argv) > 4, "authenticator": authenticator}
    if len(sys.argv) > 6:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[5], sys.argv[6])
        if sys.argv[4] == "tls":
            wrap, keeper.wrapped = context, True
            options["auth_require_tls"] = False
        else:
            options |= {"tls_context": context, "require_starttls": True}
    server = await loop.create_server(lambda: SMTP(keeper, hostname="mail.test", **options), "127.0.0.1", 0, ssl=wrap)
    (folder / "port.part").write_text(str(server.sockets[0].getsockname()[1]))
    (folder / "port.part").rename(folder / "port")
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
