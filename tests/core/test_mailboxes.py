"""Whatever people paste for an address: what is clear is taken, what is not is told why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import mailboxes, providers
from core.addresses import address_key, mailbox_key
from tests import corpus


def read(typed: str) -> str:
    """The address, or `!` and the code of the reason."""
    try:
        return mailboxes.read(typed)
    except mailboxes.Unclear as unclear:
        return f"!{unclear.code}" if unclear.sentence else ""


@pytest.mark.parametrize(("typed", "right", "source"), corpus.lines("mailboxes.tsv"))
def test_addresses_that_broke_other_software(typed, right, source):
    assert read(typed) == right
    if not right.startswith("!"):
        assert (read(right), mailboxes.tidied(typed), mailboxes.tidied(right)) == (right, right, right)


def test_each_reason_is_given_somewhere():
    given = {right[1:] for _typed, right, _source in corpus.lines("mailboxes.tsv") if right.startswith("!")}
    assert given == set(mailboxes.SENTENCES)


def test_sentences_name_what_is_wrong():
    said = {}
    for typed in ("anna test@example.org", "jörg@example.org", "anna@exam_ple.org"):
        with pytest.raises(mailboxes.Unclear) as unclear:
            mailboxes.read(typed)
        said[typed] = unclear.value.sentence
    assert said == {
        "anna test@example.org": "An email address has no spaces. Take out the one after “anna”",
        "jörg@example.org": (
            "Our mail server can't write to addresses with “ö” before the @. Enter another one of yours"
        ),
        "anna@exam_ple.org": "Check the part after the @: no mail can be sent to “exam_ple.org”",
    }


@pytest.mark.parametrize("typed", ["jörg@example.org", "用户@例子.example", "JÖRG@example.org"])
def test_other_letters_are_taken_where_the_mail_server_carries_them(settings, typed):
    settings.EMAIL_SMTPUTF8 = True
    assert read(typed) == typed


@given(st.text())
def test_nothing_that_is_typed_breaks_it(typed):
    read(typed)
    kept = mailboxes.tidied(typed)
    assert mailboxes.tidied(kept) == kept


@pytest.mark.parametrize(("one", "other", "what", "source"), corpus.lines("same_mailbox.tsv"))
def test_spellings_of_one_mailbox_are_one_and_no_others(one, other, what, source):
    assert (mailbox_key(one) == mailbox_key(other)) is (what == "same")


def test_only_small_letters_and_the_form_of_the_domain_make_no_difference_to_whom_an_address_belongs():
    alike = [("Anna@Example.org", "anna@example.org"), ("a@bücher.example", "a@xn--bcher-kva.example")]
    apart = [("a.b@gmail.com", "ab@gmail.com"), ("faß@example.org", "fass@example.org"), ("ﬁ@x.org", "fi@x.org")]
    assert [address_key(one) == address_key(other) for one, other in alike + apart] == [True, True, False, False, False]


def test_every_provider_says_where_its_rule_is_written():
    assert [one.domains for one in providers.PROVIDERS if not one.source] == []
    assert len(providers.BY_DOMAIN) == sum(len(one.domains) for one in providers.PROVIDERS)
