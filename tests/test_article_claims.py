"""The ten claims: the record's numbers a second time, the verdicts' rules, and what was known when."""

from __future__ import annotations

import pandas as pd
import pytest

from chipexports.article import evidence, rules
from chipexports.article.claims import RULES, check_claims
from chipexports.article.finding import VERDICTS, Finding
from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.record.products import claims_evidence
from chipexports.record.releases import read_releases

LATEST = "2026-11-22"


@pytest.fixture(scope="module")
def checked() -> pd.DataFrame:
    return check_claims(LATEST).set_index("claim_id")


def printed(flow: str, measure: str, start: str, end: str, edition: str = "first_print") -> float:
    """Return the most precise print straight from the record, the article's own rows left out."""
    rows = read_releases()
    rows = rows[
        (rows["commodity"] == "gacc_ic")
        & (rows["flow"] == flow)
        & (rows["measure"] == measure)
        & (rows["period_start"] == start)
        & (rows["period_end"] == end)
        & (rows["edition"] == edition)
        & ~rows["source"].str.contains("article")
    ]
    return float(rows.sort_values("half")["value"].iloc[0])


def test_all_ten_in_order_with_words_in_both_languages(checked: pd.DataFrame) -> None:
    assert list(checked.index) == list(range(1, 11))
    assert set(checked["verdict"]) <= set(VERDICTS)
    for column in ("text", "short", "record_says", "reason"):
        for language in ("en", "zh"):
            words = checked[f"{column}_{language}"]
            assert words.str.len().gt(3).all()
            assert not words.str.contains(r"\{|nan").any()
    assert checked["source"].str.len().gt(2).all()


def test_verdicts_with_the_whole_record(checked: pd.DataFrame) -> None:
    assert checked["verdict"].to_dict() == {
        1: "cannot_be_checked",
        2: "holds_with_remark",
        3: "does_not_hold",
        4: "does_not_hold",
        5: "does_not_hold",
        6: "holds",
        7: "holds_with_remark",
        8: "cannot_be_checked",
        9: "holds_with_remark",
        10: "holds_with_remark",
    }


def test_deficit_is_imports_less_exports_of_the_record(checked: pd.DataFrame) -> None:
    by_hand = {
        year: (
            printed("import", "value_usd", f"{year}-01", f"{year}-12")
            - printed("export", "value_usd", f"{year}-01", f"{year}-12")
        )
        / 1000
        for year in (2021, 2022)
    }
    assert checked.loc[4, "computed"] == pytest.approx(by_hand[2022])
    assert abs(by_hand[2021] / 280 - 1) < 0.03 < abs(by_hand[2022] / 280 - 1)
    assert f"{by_hand[2021]:.1f}" in checked.loc[4, "reason_en"]


def test_ten_months_rest_on_customs_not_on_the_article(checked: pd.DataFrame) -> None:
    assert checked.loc[6, "computed"] == pytest.approx(printed("export", "value_cny", "2024-01", "2024-10"))
    found = rules.ten_months(LATEST)
    assert found.values["cny_growth"] == pytest.approx(21.4, abs=0.1)
    assert found.values["usd_growth"] == pytest.approx(19.6, abs=0.2)
    assert found.values["revised"][0] == pytest.approx(
        printed("export", "value_cny", "2024-01", "2024-10", "revised_later")
    )


def test_trillion_was_passed_before(checked: pd.DataFrame) -> None:
    assert checked.loc[7, "computed"] == pytest.approx(printed("export", "value_cny", "2024-01", "2024-12"))
    assert "2022" in checked.loc[7, "reason_en"]
    assert printed("export", "value_cny", "2022-01", "2022-12") > 10_000


def test_imports_over_exports_of_2024(checked: pd.DataFrame) -> None:
    by_hand = printed("import", "value_cny", "2024-01", "2024-12", "revised_later") / printed(
        "export", "value_cny", "2024-01", "2024-12", "revised_later"
    )
    assert checked.loc[8, "computed"] == pytest.approx(by_hand)
    assert checked.loc[8, "computed"] == pytest.approx(2.4, abs=0.05)


def test_world_share_leaves_out_incomplete_years(checked: pd.DataFrame) -> None:
    assert checked.loc[5, "computed"] == pytest.approx(14.33)
    assert "2023" in checked.loc[5, "record_says_en"]


def test_what_could_be_known_on_the_articles_day() -> None:
    then = check_claims(rules.ARTICLE_DAY).set_index("claim_id")
    # the figures to November, out on 10 December, had passed the line already
    assert then.loc[7, "verdict"] == "holds_with_remark"
    assert "1,029.1 bn CNY by Nov 2024" in then.loc[7, "record_says_en"]
    assert "2022" in then.loc[7, "reason_en"]
    assert check_claims("2024-12-09").set_index("claim_id").loc[7, "verdict"] == "cannot_be_checked"
    assert then.loc[6, "verdict"] == "holds"
    assert then.loc[9, "verdict"] == "cannot_be_checked"
    assert (then["verdict"] == then["verdict_on_article_day"]).all()
    later = check_claims(LATEST).set_index("claim_id")
    assert (later["verdict_on_article_day"] == then["verdict"]).all()


def test_growth_waits_for_its_base() -> None:
    early = check_claims("2024-11-07").set_index("claim_id")
    assert early.loc[6, "verdict"] == "holds_with_remark"
    assert check_claims("2024-10-20").set_index("claim_id").loc[6, "verdict"] == "cannot_be_checked"


def test_rules_turn_with_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    amounts = {("import", 2022): 430_000.0, ("export", 2022): 150_000.0}

    def fake(year: int, flow: str, currency: str, **kw: object) -> float | None:
        return amounts.get((flow, year), {"import": 400_000.0, "export": 150_000.0}[flow])

    monkeypatch.setattr(rules, "outturn", fake)
    assert rules.trade_deficit(LATEST).verdict == "holds"  # 280.0
    amounts["import", 2022] = 300_000.0
    assert rules.trade_deficit(LATEST).case == "off"
    amounts |= {("import", 2024): 100_000.0, ("export", 2024): 150_000.0}
    assert rules.from_importer(LATEST).verdict == "holds"
    monkeypatch.setattr(rules, "outturn", lambda *args, **kw: None)
    monkeypatch.setattr(rules, "passed_in", lambda year, as_of: None)
    assert {rule(LATEST).verdict for rule in (rules.trade_deficit, rules.trillion, rules.from_importer)} == {
        "cannot_be_checked"
    }


def test_trillion_first_time_and_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    for total, verdict in ((11_000.0, "holds"), (9_000.0, "does_not_hold")):
        monkeypatch.setattr(rules, "outturn", lambda year, *a, t=total, **kw: t if year == 2024 else 5_000.0)
        assert rules.trillion(LATEST).verdict == verdict


def test_quotes_stand_in_the_evidence() -> None:
    for quote in (
        evidence.NEAR_2014, evidence.IN_2010, evidence.IN_2021, evidence.CHINESE_FIRMS, evidence.IN_2022
    ):  # fmt: skip
        assert evidence.sources_of(quote.claim, quote)
        assert str(quote.value) in quote.words
    with pytest.raises(ChipExportsError, match="no longer says"):
        evidence.sources_of(3, evidence.Quote(3, 99.0, "99% for sure"))


def test_evidence_covers_all_claims_and_seed_words_agree(checked: pd.DataFrame) -> None:
    rows = claims_evidence()
    assert set(rows["claim_id"].astype(int)) == set(RULES)


def test_bad_input_is_refused() -> None:
    with pytest.raises(UsageError, match="as_of"):
        check_claims("yesterday")
    with pytest.raises(UsageError):
        check_claims("1999-01-01")
    with pytest.raises(UsageError, match="language"):
        check_claims(LATEST, language="fr")
    with pytest.raises(ValueError, match="verdict"):
        Finding("perhaps", "x", 1.0, 1.0, "%", "GACC")
