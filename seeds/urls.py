"""Addresses that exist in the demo only."""

from django.urls import path, re_path

from seeds import mailbox

urlpatterns = [
    path("mailbox/", mailbox.index, name="mailbox"),
    re_path(r"^mailbox/(?P<mail_id>[0-9]{20}-[0-9]{6})/$", mailbox.message, name="mailbox_message"),
    re_path(r"^mailbox/(?P<mail_id>[0-9]{20}-[0-9]{6})/html/$", mailbox.html, name="mailbox_html"),
]
