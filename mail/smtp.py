"""SMTP as Django speaks it, and what it can't: to verify certificates, and to write to addresses with other letters.

Certificates must be trusted, by the system or by a certificate authority of one's own; addresses may have other letters
than ASCII's before the @ (RFC 6531) where the server carries them.
"""

import smtplib
import ssl
from email.generator import BytesGenerator
from email.message import Message
from email.policy import SMTPUTF8
from functools import cached_property
from io import BytesIO
from typing import cast

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

from core.addresses import in_ascii


class EmailBackend(smtp.EmailBackend):
    """Every mail is 7-bit (rendering.py); one to such an address says SMTPUTF8, or is refused where that is unknown.

    STARTTLS and implicit TLS fail for a certificate that is not trusted, or not the host's (RFC 8314, RFC 7817).
    """

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """The TLS context: it trusts EMAIL_CA_FILE alone, or else the system's certificates."""
        return ssl.create_default_context(cafile=settings.EMAIL_CA_FILE or None)

    def _send(self, email_message: EmailMessage) -> bool:
        addresses = [in_ascii(address) for address in email_message.recipients()]
        if all(address.isascii() for address in addresses):
            return super()._send(email_message)  # type: ignore[misc]  # unknown to the stubs, as it is private
        return self._send_in_utf8(email_message, addresses)

    def _send_in_utf8(self, email_message: EmailMessage, addresses: list[str]) -> bool:
        """Raises SMTPNotSupportedError when the server does not carry such addresses."""
        message = email_message.message()
        del message["To"]
        Message.__setitem__(message, "To", ", ".join(addresses))  # Django's own would write what no mailbox is called
        written = BytesIO()
        BytesGenerator(written, policy=SMTPUTF8).flatten(message)
        try:
            self._server().sendmail(
                in_ascii(sanitize_address(email_message.from_email, "utf-8")),
                addresses,
                written.getvalue(),
                mail_options=["SMTPUTF8", "BODY=8BITMIME"],
            )
        except smtplib.SMTPException:
            if not self.fail_silently:
                raise
            return False
        return True

    def carries_utf8(self) -> bool:
        """Whether the server says that it does. Raises SMTPException or OSError when it can't be asked."""
        self.open()
        try:
            self._server().ehlo_or_helo_if_needed()
            return self._server().has_extn("smtputf8")
        finally:
            self.close()

    def _server(self) -> smtplib.SMTP:
        return cast(smtplib.SMTP, self.connection)  # it has been opened
