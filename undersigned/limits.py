"""How long things are kept, and how much of something is too much: settings that are the same on every site."""

# Retention, in days unless named (printed in the privacy notice and held to by `manage.py worker`).
UNCONFIRMED_DAYS = 14
UNMAILED_DAYS = 28
AGREED_STUB_DAYS = 180
WITHDRAWN_MINUTES = 10
REMOVED_DAYS = 30  # until then a removal, and a rule that removed many, can be undone
LONGEST_DAYS = 730  # under a statement that does not close; asked before, by one mail
ASK_TO_STAY_DAYS = 30  # how long before
DECLINED_DAYS = 30
UNDECIDED_DAYS = 180
REPORT_DAYS = 30
LOG_IN_TRIES_DAYS = 7
STAFF_LOG_DAYS = 90  # of Django's own log; the record that is chained has no names (core/audit.py)
BACKUP_DAYS = 35  # how long the operator keeps backups, as the privacy notice says
WRITTEN_TO_DAYS = 60
WRONG_CODES_DAYS = 2
GRACE_AFTER_CLOSING_HOURS = 24
SENT_MAIL_DAYS = 7
UNREACHABLE_DAYS = 365  # that mail came back from a mailbox, after the last time
OUTBOUND_LOG_DAYS = 30
WEBHOOK_EVENT_DAYS = 30
API_REPLAY_DAYS = 1  # for which a request with the same Idempotency-Key gets the same answer
COMMENT_EMAIL_DAYS = 30
COMMENT_EMAIL_LONGEST_DAYS = 365
COMMENT_BIN_DAYS = 30
ATTENDANCE_DAYS = 30  # who came to an event, after it is over
IP_KEY_DAYS = 7
IMPORT_ROWS_DAYS = 30
ARCHIVE_DAYS = 7
FORM_DRAFT_DAYS = 14  # what staff typed and did not save
INVITATION_DAYS = 3  # its link works
INVITATION_KEPT_DAYS = 30
LOOKING_DAYS = 2  # who had which page of the desk before them

# Limits: beyond them a signature is held for a look, never refused (DESIGN 2.4, SAFETY T3).
SIGNATURES_PER_ADDRESS = 60
SIGNATURES_PER_ADDRESS_MINUTES = 10
MAILS_UNANSWERED_FIRST_DAY = 5
# Ceilings for floods (petitions/signatures/ceilings.py): of mail domains that are new here, and of the whole site.
CEILING_DOMAIN_HOUR = 50
CEILING_DOMAIN_WEEK = 150
CEILING_SITE_HOUR = 1000
CEILING_NETWORK_MAILS = 60  # first mails to new domains in a quarter of an hour
# Proof of work (submissions/work.py): 2 ** WORK_BITS hashes on average; so long after a ceiling (0: never by itself).
WORK_BITS = 14
WORK_MINUTES = 60
# People on lists who are asked by mail whether to be kept (exchange/inquiring.py): how many in an hour, and how many
# days they have at least.
INQUIRIES_PER_HOUR = 500
INQUIRY_DAYS_AT_LEAST = 7
KNOWN_DOMAIN_SIGNATURES = 10
KNOWN_DOMAIN_DAYS = 14
API_TOKEN_PER_MINUTE = 600  # requests of one program; beyond it 429
API_NETWORK_PER_MINUTE = 120  # of one network without a token
COMMENTS_PER_ADDRESS = 10
COMMENTS_PER_ADDRESS_MINUTES = 10
NUMBERS_FROM = 25
