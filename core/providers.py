"""Mail services that anybody may use."""

# Where private people and most branches read mail: normal, so never a fault.
FREE_MAIL = frozenset(
    """gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk live.com live.co.uk msn.com yahoo.com yahoo.co.uk
    ymail.com rocketmail.com icloud.com me.com mac.com aol.com aol.co.uk proton.me protonmail.com pm.me tutanota.com
    tuta.com gmx.com gmx.co.uk gmx.net web.de mail.com zoho.com fastmail.com hey.com riseup.net btinternet.com
    sky.com talktalk.net virginmedia.com ntlworld.com blueyonder.co.uk plus.net plusnet.com tiscali.co.uk""".split()
)
