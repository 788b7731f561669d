"""Lists as they come from elsewhere, written by hand from the facts in docs/exchange/sources.md; nobody in them lives."""

import io
import zipfile
from string import ascii_uppercase
from xml.sax.saxutils import escape

from exchange import running, staging
from exchange.models import Import

AGREED = {"collected_by": "Eastside Tenants", "words": "I support the letter.", "agreed_when": "On the old site, 2021"}


def read(content, *, name="list.csv", statement=None, agreed=True, **options):
    """A list that was read, and of which it is known what was agreed."""
    data = content.encode() if isinstance(content, str) else content
    listed = staging.read_in(chosen=[(name, io.BytesIO(data))], statement=statement, **options)
    if agreed:
        Import.objects.filter(pk=listed.pk).update(**AGREED)
        listed.refresh_from_db()
    return listed


def check(listed):
    """The same, checked to the end."""
    running.start_check(listed=listed)
    running.to_the_end(listed)
    return listed


def bring_in(listed):
    """The same, brought in."""
    check(listed)
    running.start(listed=listed)
    running.to_the_end(listed)
    return listed


def outcome(listed):
    """What became of each row: line, status, reason."""
    return list(listed.rows.order_by("line").values_list("line", "status", "reason"))


HEADS = "Petition ID,Honorific,First Name,Last Name,Email Address,Address,City,State,Postal Code,Country,{own},Email Opt-in,Date Signed,Confirmation code,Confirmed,Custom Message,Language,IP Address,Anonymise"
OWN = ",".join(f"Question {number}" for number in range(1, 8))


def speakout_old():
    """UTF-16LE with its mark, quotes put round by hand, 26 headings over 25 cells, a word stuck to last names."""
    head = "Signature ID," + HEADS.format(own=OWN)
    rows = [
        '"1","7","Ms","Rosa","Díaz Anonymise","rosa@example.org","1 Mill St","Eastside","","E1 6AN","UK","","","","","","","","1","2021-03-04 10:11:12","c0de","1","","en_GB","192.0.2.7"',
        '"2","7","","Ann "Nan"","Mill Anonymise","nan@example.org","","","","","","","","","","","","","","2021-03-05 10:11:12","c1de","1","","en_GB","192.0.2.8"',
    ]
    return b"\xff\xfe" + "\n".join([head, *rows, ""]).encode("utf-16le")


def speakout_new():
    """UTF-8 with its mark, headings in German, one never confirmed, one name like a formula."""
    head = "ID,Petitions-ID,Anrede,Vorname,Nachname,E-Mail-Adresse,Adresse,Stadt,Bundesland,PLZ,Land,Frage 1,,,,,,,Newsletter,Datum,Code,Bestätigt,Nachricht,Sprache,IP,Anonymisieren"
    rows = [
        "1,7,Frau,Käthe,Weiß,kaethe@example.org,,,,10115,Deutschland,,,,,,,,1,2021-03-04 10:11:12,c0de,1,,de_DE,192.0.2.7,0",
        "2,7,,Otto,Grau,otto@example.org,,,,,,,,,,,,,0,2021-03-05 10:11:12,c1de,0,,de_DE,192.0.2.8,0",
        "3,7,,=HYPERLINK(1),Blau,blau@example.org,,,,,,,,,,,,,0,2021-03-05 10:11:12,c2de,1,,de_DE,192.0.2.9,0",
    ]
    return "\ufeff" + "\r\n".join([head, *rows, ""])


PYTITION = "first_name,last_name,phone,email,subscribed_to_mailinglist,confirmed\nAda,Long,01,ada@example.org,True,True\nBo,Short,,bo@example.org,False,False\n"
ACTION_NETWORK = (
    "email,first_name,last_name,zip_code,created_date\nada@example.org,Ada,Long,E1 6AN,2021-03-04 10:11:12 UTC\n"
)
GOOGLE = '"Zeitstempel","Ihr Name","E-Mail-Adresse","Warum?"\n"2021/03/04 10:11:12 AM GMT+1","Ada Long","ada@example.org","Because"\n'
CHANGE = "name,city,state_province,country_code,country_name,signed_at\nAda Long,Eastside,,GB,United Kingdom,2021-03-04T10:11:12Z\nBo Short,,,GB,United Kingdom,2021-03-05T10:11:12Z\n"
EFF = "full_name,email,city,state,country_code\nAda Long,ada@example.org,Eastside,,GB\n"


def comment(
    number, *, by="Reader", parent=0, approved="1", kind="comment", body="I agree.", email="r@example.org", at=""
):
    """One comment of a WordPress export."""
    day = f"2021-07-0{number % 9 + 1}"
    return f"""<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author><![CDATA[{by}]]></wp:comment_author>
<wp:comment_author_email><![CDATA[{email}]]></wp:comment_author_email><wp:comment_author_url></wp:comment_author_url>
<wp:comment_author_IP><![CDATA[192.0.2.{number % 250}]]></wp:comment_author_IP>
<wp:comment_date><![CDATA[{at or f"{day} 11:00:00"}]]></wp:comment_date>
<wp:comment_date_gmt><![CDATA[{at or f"{day} 10:00:00"}]]></wp:comment_date_gmt>
<wp:comment_content><![CDATA[{body}]]></wp:comment_content><wp:comment_approved><![CDATA[{approved}]]></wp:comment_approved>
<wp:comment_type><![CDATA[{kind}]]></wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"""


def wxr(*comments, title="Keep the library open", body="<p>We ask the council.</p>", post=11, more="", closed=False):
    """A WordPress export of one post with its comments."""
    return f"""<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Old site</title><wp:wxr_version>1.2</wp:wxr_version>
<item><title><![CDATA[{title}]]></title><link>https://old.example.org/2021/07/keep-the-library-open/</link>
<pubDate>Thu, 01 Jul 2021 09:00:00 +0000</pubDate><content:encoded><![CDATA[{body}]]></content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>{post}</wp:post_id>
<wp:post_date>2021-07-01 10:00:00</wp:post_date><wp:post_date_gmt>2021-07-01 09:00:00</wp:post_date_gmt>
<wp:comment_status>{"closed" if closed else "open"}</wp:comment_status><wp:post_name>keep-the-library-open</wp:post_name><wp:status>publish</wp:status><wp:post_parent>0</wp:post_parent>
<wp:post_type>post</wp:post_type>{"".join(comments)}</item>{more}</channel></rss>"""


def xlsx(rows, *, far="", padding=b""):
    """A spreadsheet as Office writes it, with its texts in the cells; one cell more at `far`, such as XFD1048576."""
    lines = "".join(
        f'<row r="{at}">' + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row) + "</row>"
        for at, row in enumerate(rows, 1)
    )
    if far:
        lines += f'<row r="{far.lstrip(ascii_uppercase)}"><c r="{far}" t="inlineStr"><is><t>x</t></is></c></row>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="List" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>'.encode()
        + padding,
    }
    return packed(parts, zipfile.ZIP_DEFLATED)


def ods(rows):
    """A spreadsheet as LibreOffice writes it."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lines = "".join(
        "<table:table-row>" + "".join(cell.format(escape(one)) for one in row) + "</table:table-row>" for row in rows
    )
    content = f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet><table:table table:name="List">{lines}</table:table></office:spreadsheet></office:body></office:document-content>'
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        }
    )


def packed(parts, compression=zipfile.ZIP_STORED):
    """A zip of texts or bytes by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()
