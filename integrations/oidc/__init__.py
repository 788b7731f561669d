"""Staff log in with an account they have elsewhere: OpenID Connect, the code flow with PKCE.

provider.py asks the provider and proves what it says, identities.py knows whose account is whose, views.py are the two
pages. docs/decisions/0041-staff-log-in-elsewhere.md says why no library for Django does it.
"""
