"""The one door to other hosts. Nobody else opens a connection (a test of the house sees to it), and no visitor waits.

    queue(kind="spam_check", host="rest.akismet.com", context={"comment": 7})

of queue.py writes a row in the caller's transaction; the worker makes and sends the request (sending.py, door.py). An
app says in its `outbound_kinds.py` what a kind of request is, and what is done with the answer:

    @kinds.kind("spam_check", answered=act_on_it, failed=ask_a_moderator)
    def check(row: OutgoingRequest) -> kinds.Request | kinds.Skip: ...

docs/decisions/0030-one-door.md says what it guards against.
"""
