"""Base classes of every app's staff pages, and the pages of people, the record and the switches."""

from core.admin.base import BigTableAdmin, DateAndTime, HouseAdmin, KeyChangeList, SeenFilter, choose_from, with_nonce
from core.admin.decisions import AskForm, Decision, OfWordsRead, OwnRecord, decision
from core.admin.moving import RedirectAdmin
from core.admin.people import PersonAdmin, RoleAdmin
from core.admin.queues import CannotUndo, Decided, Key, QueueMixin
from core.admin.record import AuditEntryAdmin

__all__ = [
    "AskForm",
    "AuditEntryAdmin",
    "BigTableAdmin",
    "CannotUndo",
    "DateAndTime",
    "Decided",
    "Decision",
    "HouseAdmin",
    "Key",
    "KeyChangeList",
    "OfWordsRead",
    "OwnRecord",
    "PersonAdmin",
    "QueueMixin",
    "RedirectAdmin",
    "RoleAdmin",
    "SeenFilter",
    "choose_from",
    "decision",
    "with_nonce",
]
