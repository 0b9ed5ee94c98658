"""What a check of SMTP tries: everything up to the moment at which a message would go out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.choices import SmtpSecurity
from users.mail.headers import parse_mailbox
from users.mail.steps import Finding, Step
from users.mail.tls import describe_certificate
from users.mail.transports import server_steps, smtp_replies
from users.mail.transports.smtp_errors import translated
from users.mail.transports.smtp_session import Session


class SmtpSteps:
    """The steps over one session. Those after the sign-in need the user's own `address`."""

    def __init__(self, session: Session, address: str) -> None:
        self.session = session
        self.address = address

    def all(self) -> Sequence[Step]:
        server = (
            self._step("name", server_steps.NAME, self._look_up),
            self._step("connected", server_steps.CONNECTED, self._connect),
            self._step("encrypted", server_steps.ENCRYPTED, self._encrypt),
            self._step("signed_in", server_steps.SIGNED_IN, self._sign_in, signs_in=bool(self.session.username)),
        )
        own = (
            self._step("sender", gettext_lazy("Sender accepted"), self._name_sender),
            self._step("recipient", gettext_lazy("Recipient accepted"), self._name_recipient),
        )
        return (*server, *own) if self.address else server

    def _step(self, code: str, label: server_steps.Text, run: Callable[[], Finding], *, signs_in: bool = False) -> Step:
        return Step(code=code, label=label, run=partial(self._translated, run), signs_in=signs_in)

    def _translated(self, run: Callable[[], Finding]) -> Finding:
        with self.session.clock.job(), translated(self.session.host, self.session.detail):
            return run()

    def _look_up(self) -> Finding:
        return server_steps.look_up(self.session.route)

    def _connect(self) -> Finding:
        self.session.reach()
        return server_steps.connected(self.session.route)

    def _encrypt(self) -> Finding:
        self.session.encrypt()
        if self.session.security == SmtpSecurity.NONE:
            sentence = _("The connection is not encrypted, because the system settings say so.")
            return Finding(sentence, is_skipped=True)
        return describe_certificate(self.session.talk.sock)

    def _sign_in(self) -> Finding:
        if not self.session.username:
            return Finding(_("Nobody signs in: the system settings name no user for this server."), is_skipped=True)
        self.session.sign_in()
        return Finding(_("The server accepts the user name and password in the system settings."))

    def _name_sender(self) -> Finding:
        address = parse_mailbox(self.address, "from").address
        self.session.expect({250}, self.session.talk.ask_sender(address, []), smtp_replies.SENDER)
        return Finding(_("The server lets you send with the address %(address)s.") % {"address": self.address})

    def _name_recipient(self) -> Finding:
        """Name the user as recipient, and take everything back: nothing is sent (RFC 5321 section 4.1.1.5)."""
        reply = self.session.talk.ask_recipient(parse_mailbox(self.address, "to").address)
        self.session.talk.reset()
        self.session.expect({250, 251}, reply, smtp_replies.OWN_ADDRESS)
        return Finding(_("The server takes messages for your address. Nothing was sent."))
