"""The exploring page without a browser: settings, views, the set that is saved, and its sentences."""

from __future__ import annotations

import re
import time

import pytest

from chipexports.base.errors import UsageError
from chipexports.clean import known
from chipexports.lab import panels
from chipexports.lab.explore import Explorer, origins
from chipexports.lab.settings import MARK, Settings, default_settings, save_settings
from chipexports.lab.widgets import Page, explore
from chipexports.params import load_params

ARTICLE = Settings("2024-11-07", 2024, "export", "CNY", ("growth_ytd", "sarima"), "equal", 10000.0)


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    return Explorer()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"methods": ()}, "methods: none is chosen"),
        ({"threshold": -1.0}, "threshold"),
        ({"threshold": float("nan")}, "threshold"),
        ({"growth": 5000.0}, "growth: 5000 % is out of range; take -90 to 900 %"),
        ({"target_year": 2030}, "target_year"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"combination": "best"}, "combination"),
        ({"currency": "EUR"}, "currency"),
    ],
)
def test_what_cannot_be_is_one_sentence(changes, said) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        ARTICLE.with_(**changes).params()
    assert "\n" not in str(caught.value)


def test_dates_ascend_and_january_comes_with_february() -> None:
    days = [day for _, day in origins()]
    months = [month for month, _ in origins()]
    assert days == sorted(days)
    assert "2024-02" in months
    assert "2024-01" not in months
    assert ("2024-10", "2024-11-07") in origins()


def test_view_agrees_with_the_engine(explorer) -> None:
    from chipexports.clean import known
    from chipexports.forecast.answer import forecast_of

    view = explorer.view(ARTICLE)
    params = ARTICLE.params()
    assert view.forecast.median == forecast_of(known(params.as_of, params.history_start), params).median
    assert view.forecast.months_published == 10


def test_threshold_and_scenario_need_no_new_fit(explorer) -> None:
    first = explorer.view(ARTICLE)
    second = explorer.view(ARTICLE.with_(threshold=12000.0, growth=0.0))
    assert second.forecast is first.forecast
    assert second.p_above <= first.p_above


def test_needed_average_and_scenario_by_hand(explorer) -> None:
    view = explorer.view(ARTICLE.with_(growth=10.0))
    published = view.forecast.published_total
    assert view.needed_average == pytest.approx((10000 - published) / 2)
    before = known(view.params.as_of).history("export", "CNY").values
    november, december = before["2023-11"], before["2023-12"]
    assert view.scenario_total == pytest.approx(published + 1.1 * (november + december))
    assert view.needed_growth == pytest.approx(100 * (view.needed_average * 2 / (november + december) - 1))


def test_passed_threshold_needs_nothing(explorer) -> None:
    view = explorer.view(ARTICLE.with_(threshold=5000.0))
    assert view.passed
    assert view.needed_average == 0
    assert view.needed_growth is None
    assert "passed already" in panels.headline(view, "en")


def test_quick_view_has_fewer_paths(explorer) -> None:
    assert len(explorer.view(ARTICLE, quick=True).forecast.paths) < len(explorer.view(ARTICLE).forecast.paths)


@pytest.mark.parametrize("name", ["latest", "article", "smoke", "latest-cny"])
def test_shipped_sets_are_never_overwritten(project_copy, name) -> None:
    before = (project_copy / "params" / f"{name}.yaml").read_bytes()
    with pytest.raises(UsageError, match="take another name"):
        save_settings(ARTICLE, name)
    assert (project_copy / "params" / f"{name}.yaml").read_bytes() == before


@pytest.mark.parametrize("name", ["", "../x", "a/b", "x" * 65])
def test_bad_names_are_refused(project_copy, name) -> None:
    with pytest.raises(UsageError, match="not a set's name"):
        save_settings(ARTICLE, name)


def test_saved_set_reads_back_the_same(project_copy) -> None:
    path, command = save_settings(ARTICLE, "mine")
    assert command == "python -m chipexports run params/mine.yaml"
    assert path.read_text(encoding="utf-8").startswith(MARK)
    assert load_params(path) == ARTICLE.params(run="mine")
    save_settings(ARTICLE.with_(threshold=11000.0), "mine")
    assert load_params(path).threshold == 11000.0


def test_wrong_settings_write_nothing(project_copy) -> None:
    with pytest.raises(UsageError):
        save_settings(ARTICLE.with_(methods=()), "mine")
    assert not (project_copy / "params" / "mine.yaml").exists()


def plain(html: str) -> str:
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL).split())


CHANGES = [
    ("as_of", "2024-11-07"),
    ("currency", "CNY"),
    ("threshold", 12000.0),
    ("methods", ("sarima", "ets")),
    ("use_growth", True),
    ("growth", 33.0),
    ("combination", "equal"),
    ("flow", "import"),
]


def seconds(act) -> float:
    """Return the processor time of an act: what it takes on the clock when nothing else runs."""
    started = time.process_time()
    act()
    return time.process_time() - started


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_follows_every_control(language, monkeypatch) -> None:
    page = Page(language)
    monkeypatch.setattr(page, "_later", lambda: None)  # a pause of the slider; measured by itself
    first = plain(page.head.value)
    assert 'alt="' in page.fan.value
    assert "<table>" in page.table.value
    for name, value in CHANGES:
        taken = seconds(lambda n=name, v=value: setattr(page.controls[n], "value", v))
        assert taken < 1.5, (name, taken)  # the browser test holds it to a second on the clock
        assert seconds(page.refresh) < 1.5, name
    assert plain(page.head.value) != first
    assert page.controls["target_year"].value == 2024


def test_page_shows_a_sentence_in_place_of_an_error() -> None:
    page = Page()
    page.controls["threshold"].value = -5.0
    assert 'role="alert"' in page.head.value
    assert "Traceback" not in page.head.value
    page.controls["threshold"].value = 300000.0
    assert "cx-median" in page.head.value


def test_page_survives_a_fault(monkeypatch) -> None:
    page = Page()
    monkeypatch.setattr(page.explorer, "view", lambda *a, **k: 1 / 0)
    page.refresh()
    assert "ZeroDivisionError" in page.head.value
    assert 'role="alert"' in page.head.value


def test_page_saves_and_says_the_command(project_copy) -> None:
    page = Page()
    page.controls["name"].value = "latest"
    page.save()
    assert "take another name" in page.said.value
    page.controls["name"].value = "mine"
    page.save()
    assert "python -m chipexports run params/mine.yaml" in page.said.value


def test_unknown_language_is_a_sentence() -> None:
    assert "language: &#x27;de&#x27;" in explore("de").value


@pytest.mark.parametrize("flow", ["export", "import"])
def test_the_year_before_is_answered_at_every_date(flow: str) -> None:
    explorer = Explorer()
    for _, day in origins():
        settings = default_settings().with_(as_of=day, target_year=int(day[:4]) - 1, flow=flow)
        view = explorer.view(settings, quick=True)
        if view.remaining == 0:
            low, high = view.forecast.interval(0.95)
            assert low == view.forecast.median == high == view.forecast.published_total, day
