"""The console's news pages as Streamlit runs them, over a real workspace, without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from news.article import SourceTier
from news.event import EventKind
from news.read import read_sources
from ui.console.links import Place
from ui.settings import read_settings
from ui.wiring import Wiring

HOSTILE = (
    '{"headline": "<script>alert(1)</script> [点](javascript:alert(1)) $x$", "text":'
    ' "宁德时代（300750）**公告** <img src=x onerror=alert(1)>", "published_at":'
    ' "2026-01-02T10:00:00+08:00", "source": "<b>源</b>", "url": "javascript:alert(1)"}\n'
)
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A workspace with base facts and a few dozen articles, one of them hostile, one broken."""
    home = tmp_path_factory.mktemp("console")
    hostile = home / "hostile.jsonl"
    hostile.write_text(HOSTILE + '{"headline": "broken\n', encoding="utf-8")
    wiring = Wiring(read_settings({"FORELAND_HOME": str(home), "FORELAND_DATA": str(data)}))
    wiring.load_base_facts()
    sources = [str(data / "news" / "stories.jsonl"), str(data / "news" / "results.jsonl")]
    wiring.ingester.ingest(read_sources([*sources, str(hostile)]))
    return home


@pytest.fixture
def opened(home: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a page of the console as its address would."""
    monkeypatch.setenv("FORELAND_HOME", str(home))
    monkeypatch.setenv("FORELAND_DATA", str(data))

    def open_page(place: Place, **query: str) -> AppTest:
        script = (
            "from ui.console.app import main\nfrom ui.console.links import Place\n"
            f"main(Place.{place.name})"
        )
        test = AppTest.from_string(script, default_timeout=60)
        for name, value in query.items():
            test.query_params[name] = value
        return test.run()

    yield open_page
    st.cache_data.clear()


def shown(page: AppTest) -> str:
    """All HTML of a page but its styles."""
    bodies = [element.proto.body for element in page.html]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def test_the_overview_counts(opened: Open) -> None:
    """Articles, companies and dead letters of the workspace stand at the top."""
    page = opened(Place.OVERVIEW)
    assert not page.exception
    values = {metric.label: metric.value for metric in page.metric}
    assert int(values["资讯"]) >= 40
    assert values["未入库"] == "1"


def test_articles_are_listed_newest_first_with_a_count(opened: Open) -> None:
    """Without filters every article is there, a page at a time."""
    page = opened(Place.ARTICLES)
    assert not page.exception
    assert "第 1 页" in shown(page)
    assert shown(page).count("<details") == 20


def test_the_next_page_goes_on_where_the_first_ended(opened: Open) -> None:
    """Turning the page shows other articles, and back shows the first ones again."""
    page = opened(Place.ARTICLES)
    first = shown(page)
    button(page, "下一页").click().run()
    second = shown(page)
    assert "第 2 页" in second
    assert first.split("fl-headline")[1] not in second
    button(page, "上一页").click().run()
    assert shown(page) == first


def test_a_filter_starts_at_the_first_page(opened: Open) -> None:
    """A changed filter drops the cursor of the old search instead of failing on it."""
    page = opened(Place.ARTICLES)
    button(page, "下一页").click().run()
    page.text_input(key="article_text").set_value("净利润").run()
    assert not page.error
    assert "第 1 页" in shown(page)


def test_articles_are_filtered_by_company(opened: Open) -> None:
    """Only articles that name the chosen company are left."""
    page = opened(Place.ARTICLES)
    choice = page.selectbox(key="article_company")
    choice.set_value(next(o for o in choice.options if o.startswith("300750 "))).run()
    assert "宁德时代" in shown(page)
    assert "贵州茅台" not in shown(page)


def test_an_empty_result_says_what_to_do(opened: Open) -> None:
    """A search that finds nothing names its conditions, with the text shown literally."""
    page = opened(Place.ARTICLES)
    page.text_input(key="article_text").set_value("饕餮$&$").run()
    assert "饕餮" in page.info[0].value
    assert "\\$\\&\\$" in page.info[0].value


def test_a_search_without_a_word_is_one_clear_line(opened: Open) -> None:
    """A refused search is an error line, not a traceback."""
    page = opened(Place.ARTICLES)
    page.text_input(key="article_text").set_value("？？").run()
    assert not page.exception
    assert "操作未完成" in page.error[0].value


def test_what_could_not_be_taken_in_is_listed_with_its_reason(opened: Open) -> None:
    """Dead letters show origin, stage and reason."""
    table = opened(Place.ARTICLES).dataframe[0].value
    assert table["来源"][0].endswith("hostile.jsonl:2")
    assert table["原因"][0]


def test_a_hostile_article_is_escaped_everywhere(opened: Open) -> None:
    """No page lets the headline, source or text of an article through as HTML."""
    for place, query in ((Place.OVERVIEW, {}), (Place.ARTICLES, {}), (Place.COMPANY, COMPANY)):
        text = shown(opened(place, **query))
        assert "<script" not in text
        assert "<img" not in text
        assert "<b>源" not in text
        assert "javascript:alert" not in text.replace("(javascript:alert(1))", "")


COMPANY = {"company": "300750"}


def test_the_address_opens_a_company(opened: Open) -> None:
    """`?company=300750` shows the company with its chain, articles and picture."""
    page = opened(Place.COMPANY, **COMPANY)
    assert not page.exception
    assert "宁德时代新能源科技股份有限公司" in shown(page)
    assert "锂电池" in shown(page)
    assert len(page.dataframe[0].value) > 3


def test_a_company_has_a_timeline_and_says_who_may_be_affected(opened: Open) -> None:
    """Events stand one a row with their status; effects stand in a table with reasons."""
    page = opened(Place.COMPANY, **COMPANY)
    text = shown(page)
    assert 'class="fl-event fl-status-confirmed"' in text
    assert "业绩" in text
    assert 'class="fl-affected"' not in text
    page.session_state["company_tab"] = "谁受影响"
    page.run()
    assert not page.exception
    assert 'class="fl-affected"' in shown(page)


def test_news_are_filtered_by_event_and_source(opened: Open) -> None:
    """Only announcements of that kind are left, each marked as one."""
    page = opened(Place.ARTICLES)
    page.selectbox(key="article_event").set_value(EventKind.EARNINGS).run()
    page.selectbox(key="article_tier").set_value(SourceTier.OFFICIAL).run()
    assert not page.exception
    text = shown(page)
    assert text.count("<details") > 3
    assert text.count("<details") == text.count("fl-tier-official")


def test_an_article_tells_its_entities_and_events(opened: Open, home: Path, data: Path) -> None:
    """Kind, method and sureness of each entity, and the words of each event."""
    page = opened(Place.ARTICLES, article=about(home, data, "company:600519"))
    assert not page.exception
    text = shown(page)
    assert "实体" in "".join(m.value for m in page.markdown)
    assert 'class="fl-m-company"' in text
    assert "置信度" in text


def test_an_editor_corrects_whom_a_name_means(opened: Open, home: Path, data: Path) -> None:
    """The name means nobody in this article from then on, and the page says what changed."""
    article = about(home, data, "company:002475")
    page = opened(Place.ARTICLES, article=article)
    choice = next(s for s in page.selectbox if s.label == "文中的写法")
    choice.set_value("立讯精密")
    next(s for s in page.selectbox if s.label == "应当指").set_value("不指任何实体")
    page.text_input[0].set_value("编辑甲")
    button(page, "更正").click().run()
    assert not page.exception
    assert "已更正，1 篇" in page.success[0].value
    assert "立讯精密</mark>" not in shown(page)


def test_an_unknown_company_is_a_clear_line(opened: Open) -> None:
    """A code that nobody bears is named, and a choice is offered."""
    page = opened(Place.COMPANY, company="999999")
    assert "999999" in page.warning[0].value
    assert not page.exception


def test_choosing_a_company_changes_the_address(opened: Open) -> None:
    """The address follows the choice, so that it can be passed on."""
    page = opened(Place.COMPANY, **COMPANY)
    choice = page.selectbox(key="company_pick")
    choice.set_value(next(o for o in choice.options if o.startswith("600519 "))).run()
    assert page.query_params["company"] in ("600519", ["600519"])
    assert "贵州茅台" in shown(page)


def test_an_unknown_article_is_a_clear_line(opened: Open) -> None:
    """A stale address says that the article is not here."""
    page = opened(Place.ARTICLES, article="no-such")
    assert "no\\-such" in page.warning[0].value.replace("\u2060", "")


def test_an_article_shows_its_sources(opened: Open, home: Path, data: Path) -> None:
    """The article's own page shows text, companies and where it was found."""
    settings = read_settings({"FORELAND_HOME": str(home), "FORELAND_DATA": str(data)})
    article = Wiring(settings).news_store.articles_about("company:300750", limit=1)[0]
    page = opened(Place.ARTICLES, article=article.id)
    assert not page.exception
    assert "hostile.jsonl:1" in shown(page)
    assert "<mark" in shown(page)


def about(home: Path, data: Path, entity: str) -> str:
    """Id of the newest article about an entity."""
    settings = read_settings({"FORELAND_HOME": str(home), "FORELAND_DATA": str(data)})
    return Wiring(settings).news_store.articles_about(entity, limit=1)[0].id


def button(page: AppTest, label: str):  # type: ignore[no-untyped-def]
    """The button with a label."""
    return next(b for b in page.button if b.label == label)
