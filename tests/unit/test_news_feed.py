"""Feeds in all their dialects become articles; dangerous ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from news.article import DeadLetter, RawArticle
from news.decode import decode
from news.errors import SourceError
from news.feed import read_feed

NOW = datetime(2026, 6, 1, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="gb2312"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>财经快讯</title>
<item><title>沪指收涨&lt;b&gt;1.2%&lt;/b&gt;</title><link>https://example.com/1</link>
<pubDate>2021-11-15 09:30:00</pubDate><description>摘要</description>
<content:encoded><![CDATA[<p>第一段&nbsp;内容。</p><script>x()</script><p>第二段。</p>]]>
</content:encoded></item>
<item><title>只有标题</title><pubDate>Mon, 15 Nov 2021 01:30:00 GMT</pubDate></item>
<item><description>没有标题的快讯。后面还有。</description></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>公告</title>
<entry><title type="html">利润 &amp;lt; 预期</title><link href="/a/1"/><id>urn:1</id>
<updated>2021-11-15T01:30:00Z</updated><summary type="html">&lt;p&gt;摘要。&lt;/p&gt;</summary>
</entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>旧式订阅</title></channel>
<item><title>标题</title><link>https://example.com/r</link><dc:date>2021-11-15T09:30:00+08:00</dc:date>
</item></rdf:RDF>"""


def _articles(text: str, url: str | None = None) -> list[RawArticle]:
    items = list(read_feed(text, origin="f.xml", now=NOW, url=url))
    assert all(isinstance(item, RawArticle) for item in items)
    return [item for item in items if isinstance(item, RawArticle)]


def test_rss_entries_are_read_without_their_markup() -> None:
    """Content beats summary, markup and scripts go, a time without a zone is Chinese."""
    first, second, third = _articles(RSS)
    assert first == RawArticle(
        headline="沪指收涨1.2%",
        text="第一段 内容。\n第二段。",
        origin="f.xml#1",
        url="https://example.com/1",
        published_at=datetime(2021, 11, 15, 1, 30, tzinfo=UTC),
        source="财经快讯",
    )
    assert (second.text, second.published_at) == ("", first.published_at)
    assert third.headline == "没有标题的快讯。"


def test_atom_entries_use_updated_and_their_base_address() -> None:
    """Atom's updated is the time where nothing else is; a relative link grows from the address."""
    (article,) = _articles(ATOM, url="https://example.com/feed")
    assert article.headline == "利润 < 预期"
    assert article.url == "https://example.com/a/1"
    assert article.published_at == datetime(2021, 11, 15, 1, 30, tzinfo=UTC)
    assert article.text == "摘要。"


def test_rdf_entries_are_read() -> None:
    """RSS 1.0 with its date from Dublin Core is read as well."""
    (article,) = _articles(RDF)
    assert (article.headline, article.source) == ("标题", "旧式订阅")
    assert article.published_at == datetime(2021, 11, 15, 1, 30, tzinfo=UTC)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))


@pytest.mark.parametrize(
    "prolog",
    [
        f"<!DOCTYPE rss [{LAUGHS}]>",
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://example.com/x.dtd"> %x;]>',
        '<?xml version="1.0"?><!-- <rss> --><!DOCTYPE rss [<!ENTITY a "b">]>',
        'stray words <!DOCTYPE rss [<!ENTITY a "b">]>',
    ],
)
def test_declared_entities_are_refused(prolog: str) -> None:
    """Billion laughs and external entities are refused before anything expands them."""
    feed = f"{prolog}<rss><channel><item><title>&l9;&x;</title></item></channel></rss>"
    with pytest.raises(SourceError, match="declares the XML entity"):
        list(read_feed(feed, origin="f.xml", now=NOW))


def test_a_plain_document_type_and_talk_of_entities_pass() -> None:
    """The old Netscape DOCTYPE is harmless, and so is an article about <!ENTITY."""
    feed = (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"'
        ' "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
        "<item><title><![CDATA[什么是 <!ENTITY x]]></title></item></channel></rss>"
    )
    assert len(_articles(feed)) == 1


def test_a_feed_with_undefined_entities_is_read_whole() -> None:
    """&nbsp; without a declaration is a fault of form that costs no entry and no dead letter."""
    feed = "<rss><channel><item><title>甲&nbsp;乙</title></item></channel></rss>"
    assert [a.headline for a in _articles(feed)] == ["甲 乙"]


def test_a_feed_cut_short_keeps_what_was_whole() -> None:
    """A download that broke off gives its entries and one dead letter about the end."""
    items = list(read_feed(RSS[: RSS.index("<item><description>")], origin="f.xml", now=NOW))
    assert sum(isinstance(item, RawArticle) for item in items) == 2
    (fault,) = [item for item in items if isinstance(item, DeadLetter)]
    assert "ends early (line" in fault.error


def test_an_empty_entry_is_named_by_its_number() -> None:
    """An entry without title and text is one dead letter, its neighbours are read."""
    feed = "<rss><channel><item><title>一</title></item><item/></channel></rss>"
    article, fault = read_feed(feed, origin="f.xml", now=NOW)
    assert isinstance(article, RawArticle)
    assert isinstance(fault, DeadLetter)
    assert fault.origin == "f.xml#2"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<rss><channel><title>空</title></channel></rss>", "'空' has no entries"),
        ("<note><to>x</to></note>", "<note> at its root is no feed"),
        ("<rss><chan", "no entries|no feed can be read"),
        ("<rss" + "<" * 1000, "no entries|no feed can be read"),
    ],
)
def test_a_feed_without_entries_says_so(text: str, reason: str) -> None:
    """No entries, another kind of XML and a wreck give a reason each."""
    with pytest.raises(SourceError, match=reason):
        list(read_feed(text, origin="f.xml", now=NOW))


EXPECTED = {
    "encoding_ISO-8859-1.xml": 40,
    "encoding_WINDOWS-1251.xml": 50,
    "invalid-prolog.xml": 1,
    "koi8r.xml": 2,
    "large_atom.xml": 25,
    "large_rss.xml": 25,
    "no_encoding_ISO-8859-1.xml": 9,
    "rdf_UTF8.xml": 60,
    "small_atom.xml": 20,
    "urdu_UTF8.xml": 26,
    "utf8-incorrect-prolog.xml": 1,
    "utf8.xml": 1,
}


def test_real_feeds_in_awkward_encodings(shared: Path) -> None:
    """Every feed of the collection gives all of its entries, or says why it has none."""
    counts = {}
    for path in sorted((shared / "eval" / "feeds").iterdir()):
        try:
            items = list(read_feed(decode(path.read_bytes()).text, origin=path.name, now=NOW))
        except SourceError:
            continue
        articles = [item for item in items if isinstance(item, RawArticle)]
        assert not any("\ufffd" in a.headline + a.text + a.source for a in articles)
        counts[path.name] = len(articles)
    assert counts == EXPECTED
