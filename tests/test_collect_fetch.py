"""The collectors against a server on this machine that answers as the real ones document, and badly."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import threading
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml
from werkzeug import Response

from chipexports.__main__ import main
from chipexports.base.errors import UsageError
from chipexports.collect import comtrade, fred, korea, taiwan
from chipexports.collect.errors import FetchError
from chipexports.collect.fetch import SOURCES, fetch_source, month_span
from chipexports.collect.http import Limits, Session, base_url, retry_after

ROOT = Path(__file__).resolve().parents[1]
LIMITS = Limits(
    connect=1, read=0.4, deadline=20, attempts=3, max_bytes=200_000, pause=0, backoff=0.01, longest_wait=5
)
SECRET = "k3y/with+signs=="
PATHS = {
    "comtrade": "/public/v1/preview/C/M/HS",
    "fred": "/graph/fredgraph.csv",
    "korea": "/1220000/Itemtrade/getItemtradeList",
    "taiwan": "/njswww/webMain.aspx",
}
KIND = {"comtrade": "application/json", "fred": "text/csv", "korea": "application/xml", "taiwan": "text/csv"}
RECORD = ("gacc/releases.csv", "corrections.yml")
SPAN = {"start": "2024-01", "end": "2024-03"}


@pytest.fixture
def place(tmp_path, monkeypatch, httpserver) -> Path:
    """Return data/raw of a project without bundled series; all sources are the local server."""
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    monkeypatch.delenv("COMTRADE_API_KEY", raising=False)
    monkeypatch.setenv("KOREA_CUSTOMS_API_KEY", SECRET)
    for source in SOURCES:
        monkeypatch.setenv(f"CHIPEXPORTS_FETCH_BASE_{source.upper()}", httpserver.url_for("").rstrip("/"))
    raw = tmp_path / "data" / "raw"
    (raw / "gacc").mkdir(parents=True)
    for name in RECORD:
        shutil.copy(ROOT / "data" / "raw" / name, raw / name)
    return raw


def written(place: Path) -> list[Path]:
    """Return the files there are beside an untouched record."""
    record = {place / name: (ROOT / "data" / "raw" / name).read_bytes() for name in RECORD}
    return [path for path in place.rglob("*") if path.is_file() and record.get(path) != path.read_bytes()]


def comtrade_body(query, **change) -> dict:
    row = {
        "typeCode": "C",
        "freqCode": "M",
        "period": query["period"],
        "reporterCode": 156,
        "reporterDesc": "China",
        "flowCode": "X",
        "partnerCode": 0,
        "partnerDesc": "World",
        "partner2Code": 0,
        "cmdCode": "8542",
        "customsCode": "C00",
        "motCode": 0,
        "qty": None,
        "netWgt": 12.5,
        "primaryValue": 1000.5,
    }
    rows = [
        {**row, "flowCode": flow, "cmdCode": code, "partnerCode": partner, "partnerDesc": name, **change}
        for flow in query["flowCode"].split(",")
        for code in query["cmdCode"].split(",")
        for partner, name in ((0, "World"), (344, "China, Hong Kong SAR"))
    ]
    return {"elapsedTime": "0.2 secs", "count": len(rows), "data": rows, "error": ""}


def fred_body(series, column="observation_date") -> str:
    days = ["2024-01-01", "2024-02-01", "2024-03-01"] if series == "EXCHUS" else ["2024-01-02", "2024-01-03"]
    return (
        f"{column},{series}\n" + "\n".join(f"{day},7.1{i}" for i, day in enumerate(days)) + "\n2024-04-01,.\n"
    )


KOREA = """<?xml version="1.0" encoding="UTF-8"?><response>
<header><resultCode>00</resultCode><resultMsg>OK</resultMsg></header><body><items>
<item><year>2024.01</year><hsCode>8542310000</hsCode><statKor>a</statKor><expDlr>5000000000</expDlr></item>
<item><year>2024.01</year><hsCode>8542321010</hsCode><statKor>b</statKor><expDlr>4250000000</expDlr></item>
<item><year>2024.02</year><hsCode>8542310000</hsCode><statKor>a</statKor><expDlr>9000000000</expDlr></item>
<item><year>총계</year><hsCode>-</hsCode><statKor>-</statKor><expDlr>18250000000</expDlr></item>
</items></body></response>"""
TAIWAN = (
    "\ufeff時間,電子零組件(按新臺幣計算),電子零組件(按美元計算),資通與視聽產品(按美元計算)\n"
    '113年,1,2,3\n113年 1月,440000,"14,100.5",5\n113年 2月,430000,13900.25,5\n113年 3月,-,-,-\n'
)


def good(source, request) -> Response:
    query = request.args
    if source == "comtrade":
        return Response(json.dumps(comtrade_body(query)), content_type="application/json; charset=utf-8")
    body = {"fred": lambda: fred_body(query["id"]), "korea": lambda: KOREA, "taiwan": lambda: TAIWAN}[
        source
    ]()
    return Response(body.encode(), content_type=KIND[source] + ";charset=UTF-8")


def serve(httpserver, source, handler=None) -> list:
    asked: list = []

    def answer(request):
        asked.append(request)
        return handler(request, len(asked)) if handler else good(source, request)

    httpserver.expect_request(PATHS[source]).respond_with_handler(answer)
    return asked


def run(source):
    return fetch_source(source, **SPAN, limits=LIMITS, sleep=lambda _: None)


@pytest.mark.parametrize("source", SOURCES)
def test_a_good_answer_is_written_with_its_sidecar(place, httpserver, source):
    asked = serve(httpserver, source)
    paths = run(source)
    assert paths
    for path in paths:
        about = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))
        assert {"publisher", "title", "url", "unit", "licence", "date_taken_in", "rows", "sha256"} <= set(
            about
        )
        assert len(pd.read_csv(path)) == about["rows"] > 0
        assert "fetched" in path.parts
    assert SECRET not in "".join(p.read_text(encoding="utf-8") for p in written(place))
    assert all(request.headers["User-Agent"].startswith("chipexports") for request in asked)


def test_comtrade_asks_the_preview_in_small_pieces_without_a_key(place, httpserver):
    asked = serve(httpserver, "comtrade")
    (path,) = run("comtrade")
    assert len(asked) == 3 * 2 * len(comtrade.CODES)
    table = pd.read_csv(path, dtype={"hs": str})
    assert len(table) == len(asked) * 2
    assert set(table["hs"]) == set(comtrade.CODES)
    assert (table["value_usd"] == 1000.5).all()


def test_comtrade_sends_its_key_in_a_header_only(place, httpserver, monkeypatch):
    monkeypatch.setenv("COMTRADE_API_KEY", SECRET)
    monkeypatch.setitem(PATHS, "comtrade", "/data/v1/get/C/M/HS")
    asked = serve(httpserver, "comtrade")
    run("comtrade")
    assert len(asked) == 3
    assert all(request.headers["Ocp-Apim-Subscription-Key"] == SECRET for request in asked)
    assert not any("k3y" in request.full_path for request in asked)


def test_comtrade_does_not_take_a_preview_that_was_cut(place, httpserver):
    def handler(request, _):
        body = comtrade_body(request.args)
        body["data"] = [{**body["data"][0], "partnerCode": i} for i in range(500)]
        body["count"] = 500
        return Response(json.dumps(body), content_type="application/json")

    serve(httpserver, "comtrade", handler)
    with pytest.raises(FetchError, match="500 rows; set COMTRADE_API_KEY"):
        run("comtrade")


def test_comtrade_does_not_take_fewer_rows_than_are_counted(place, httpserver):
    body = lambda request, _: Response(  # noqa: E731
        json.dumps({**comtrade_body(request.args), "count": 9}), content_type="application/json"
    )
    serve(httpserver, "comtrade", body)
    with pytest.raises(FetchError, match="holds 2 of 9 rows"):
        run("comtrade")
    assert written(place) == []


@pytest.mark.parametrize(
    "change",
    [
        {"reporterCode": 158},
        {"cmdCode": "8541"},
        {"primaryValue": -1},
        {"primaryValue": "much"},
        {"period": "2024"},
    ],
)
def test_comtrade_rows_that_were_not_asked_for_or_make_no_sense(place, httpserver, change):
    serve(
        httpserver,
        "comtrade",
        lambda r, _: Response(json.dumps(comtrade_body(r.args, **change)), content_type="application/json"),
    )
    with pytest.raises(FetchError, match="comtrade"):
        run("comtrade")
    assert written(place) == []


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "5",
        '{"data": 5}',
        '{"data": [1, 2]}',
        '{"data": {"period": "202401"}}',
        '{"data": [{"reporterCode": 156, "period": "202401", "flowCode": "X", "cmdCode": "8542"}]}',
        '{"data": [], "error": "bad"}',
    ],
)
def test_comtrade_answers_that_hold_no_rows_as_documented(place, httpserver, body):
    serve(httpserver, "comtrade", lambda *_: Response(body, content_type="application/json"))
    with pytest.raises(FetchError, match=r"^comtrade: .*nothing was written") as info:
        run("comtrade")
    assert "\n" not in str(info.value)
    assert written(place) == []


def test_korea_sums_the_lines_of_a_month_and_leaves_the_total_out():
    assert korea.parse(KOREA.encode()) == {"2024-01": 9.25e9, "2024-02": 9.0e9}


def test_taiwan_takes_the_column_in_dollars_and_months_of_the_republic():
    table = taiwan.parse(TAIWAN.encode())
    assert table.to_numpy().tolist() == [["2024-01", 14100.5], ["2024-02", 13900.25]]


def test_fred_leaves_days_without_a_rate_out_and_takes_either_name_of_the_date():
    for column in fred.DATE_COLUMNS:
        table = fred.parse(fred_body("EXCHUS", column).encode(), "EXCHUS")
        assert table["value"].tolist() == [7.10, 7.11, 7.12]


CHANGED = {
    "comtrade": json.dumps({"elapsedTime": "0", "rows": []}),
    "fred": "day;rate\n2024-01-01;7.1\n",
    "korea": KOREA.replace("expDlr", "exportDollars"),
    "taiwan": TAIWAN.replace("電子零組件", "零組件"),
}


@pytest.mark.parametrize("source", SOURCES)
def test_changed_columns_are_refused(place, httpserver, source):
    serve(httpserver, source, lambda *_: Response(CHANGED[source].encode(), content_type=KIND[source]))
    with pytest.raises(FetchError, match="not as documented"):
        run(source)
    assert written(place) == []


@pytest.mark.parametrize("source", SOURCES)
def test_an_error_page_with_status_200_is_refused(place, httpserver, source):
    page = "<!DOCTYPE html><html><body>We are sorry</body></html>"
    serve(httpserver, source, lambda *_: Response(page, content_type="text/html"))
    with pytest.raises(FetchError, match="text/html"):
        run(source)
    httpserver.clear()
    serve(httpserver, source, lambda *_: Response(page, content_type=KIND[source]))
    with pytest.raises(FetchError, match="HTML page"):
        run(source)
    assert written(place) == []


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_recovers_is_asked_again(place, httpserver, source, status):
    asked = serve(httpserver, source, lambda r, n: Response(status=status) if n == 1 else good(source, r))
    assert run(source)
    assert len(asked) > 1


@pytest.mark.parametrize("status", [429, 500])
def test_a_server_that_does_not_recover_is_given_up(place, httpserver, status):
    asked = serve(httpserver, "fred", lambda *_: Response(status=status))
    with pytest.raises(FetchError, match=rf"status {status}, tried 3 times; nothing was written"):
        run("fred")
    assert len(asked) == 3
    assert written(place) == []


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_other_errors_are_not_asked_again(place, httpserver, status):
    asked = serve(httpserver, "korea", lambda *_: Response(f"bad key {SECRET}", status=status))
    with pytest.raises(FetchError, match=f"status {status}") as info:
        run("korea")
    assert len(asked) == 1
    assert "k3y" not in str(info.value)


def test_retry_after_is_obeyed_and_has_a_limit(place, httpserver):
    waits: list[float] = []
    serve(
        httpserver,
        "fred",
        lambda r, n: Response(status=429, headers={"Retry-After": "3"}) if n == 1 else good("fred", r),
    )
    fetch_source("fred", limits=LIMITS, sleep=waits.append)
    assert 3.0 in waits
    httpserver.clear()
    serve(httpserver, "fred", lambda *_: Response(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(FetchError, match="asks to wait 3600 s"):
        run("fred")
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after("soon") == 0.0


def test_waits_grow_and_requests_are_spaced(place, httpserver):
    waits: list[float] = []
    serve(httpserver, "fred", lambda r, n: Response(status=500) if n < 3 else good("fred", r))
    limits = Limits(**{**LIMITS.__dict__, "pause": 1.0, "backoff": 2.0})
    fetch_source("fred", limits=limits, sleep=waits.append)
    assert [w for w in waits if w in (2.0, 4.0)] == [2.0, 4.0]
    assert sum(0.5 < w <= 1.0 for w in waits) >= 3


def test_a_hanging_server(place, httpserver):
    def hang(*_):
        time.sleep(0.8)
        return Response("late")

    serve(httpserver, "taiwan", hang)
    start = time.monotonic()
    with pytest.raises(FetchError, match="no answer in time"):
        run("taiwan")
    assert time.monotonic() - start < 5
    assert written(place) == []


def raw_server(reply: bytes, drip: float = 0.0) -> str:
    """Serve ``reply`` byte for byte on a socket, then close; return the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def work():
        for _ in range(3):
            try:
                connection, _address = listener.accept()
            except OSError:
                break
            with connection:
                connection.recv(65536)
                for i in range(0, len(reply), 40 if drip else len(reply)):
                    try:
                        connection.sendall(reply[i : i + (40 if drip else len(reply))])
                    except OSError:
                        break
                    time.sleep(drip)
        listener.close()

    threading.Thread(target=work, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_body_that_breaks_off(place, monkeypatch):
    reply = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 900\r\n\r\nobservation_date,EXCHUS\n"
    )
    monkeypatch.setenv("CHIPEXPORTS_FETCH_BASE_FRED", raw_server(reply))
    with pytest.raises(FetchError, match="broke off"):
        run("fred")
    assert written(place) == []


def test_a_body_that_comes_in_drops_ends_at_the_deadline(place, monkeypatch):
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n" + b"x" * 4000
    monkeypatch.setenv("CHIPEXPORTS_FETCH_BASE_FRED", raw_server(reply, drip=0.05))
    limits = Limits(**{**LIMITS.__dict__, "deadline": 0.5})
    with pytest.raises(FetchError, match="took longer"):
        fetch_source("fred", limits=limits, sleep=lambda _: None)


@pytest.mark.parametrize("source", ["comtrade", "korea"])
def test_data_that_stops_in_the_middle(place, httpserver, source):
    body = {
        "comtrade": json.dumps(comtrade_body({"period": "202401", "flowCode": "X", "cmdCode": "8542"})),
        "korea": KOREA,
    }
    serve(httpserver, source, lambda *_: Response(body[source][:200].encode(), content_type=KIND[source]))
    with pytest.raises(FetchError, match="not as documented"):
        run(source)


def test_an_answer_that_is_too_large(place, httpserver):
    serve(httpserver, "fred", lambda *_: Response(b"9" * 300_000, content_type="text/csv"))
    with pytest.raises(FetchError, match="larger than 200,000 bytes"):
        run("fred")


def test_a_redirect_to_another_host_is_not_followed(place, httpserver):
    serve(
        httpserver,
        "korea",
        lambda *_: Response(status=302, headers={"Location": "http://elsewhere.invalid/?a=b"}),
    )
    with pytest.raises(FetchError, match=r"another host \(elsewhere\.invalid\)"):
        run("korea")


def test_a_redirect_on_the_same_host_is_followed(place, httpserver):
    serve(httpserver, "taiwan", lambda *_: Response(status=302, headers={"Location": "/moved.csv"}))
    httpserver.expect_request("/moved.csv").respond_with_data(TAIWAN.encode(), content_type="text/csv")
    assert run("taiwan")


def test_a_redirect_in_a_circle_ends(place, httpserver):
    serve(httpserver, "taiwan", lambda *_: Response(status=302, headers={"Location": PATHS["taiwan"]}))
    with pytest.raises(FetchError, match="circle"):
        run("taiwan")


def test_error_codes_of_korea_are_said_without_the_key(place, httpserver):
    said = f"<errMsg>{SECRET}</errMsg><returnReasonCode>30</returnReasonCode>"
    body = f"<OpenAPI_ServiceResponse><cmmMsgHeader>{said}</cmmMsgHeader></OpenAPI_ServiceResponse>"
    serve(httpserver, "korea", lambda *_: Response(body, content_type="text/xml"))
    with pytest.raises(FetchError, match="code 30") as info:
        run("korea")
    assert "k3y" not in str(info.value)


def test_a_missing_key_is_said_and_nothing_is_asked(place, httpserver, monkeypatch):
    monkeypatch.delenv("KOREA_CUSTOMS_API_KEY")
    with pytest.raises(UsageError, match="KOREA_CUSTOMS_API_KEY"):
        run("korea")


def test_no_network_is_one_sentence_and_exit_code_1(place, monkeypatch, capsys):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("CHIPEXPORTS_FETCH_BASE_FRED", f"http://127.0.0.1:{port}")
    monkeypatch.setattr("chipexports.collect.http.time.sleep", lambda _: None)
    assert main(["fetch", "fred"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "could not be reached" in err
    assert "bundled record serves" in err
    assert written(place) == []


def test_keys_stay_out_of_the_log(place, httpserver, caplog, capsys):
    serve(httpserver, "korea", lambda r, n: Response(status=500) if n == 1 else good("korea", r))
    with caplog.at_level(logging.DEBUG):
        run("korea")
    out = capsys.readouterr()
    ours = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]
    assert "k3y" not in "".join(ours) + out.out + out.err


def test_only_this_machine_can_stand_in_for_a_source(monkeypatch):
    monkeypatch.setenv("CHIPEXPORTS_FETCH_BASE_KOREA", "https://collector.example")
    with pytest.raises(UsageError, match="only an address of this machine"):
        base_url("korea", korea.BASE)
    monkeypatch.delenv("CHIPEXPORTS_FETCH_BASE_KOREA")
    assert base_url("korea", korea.BASE) == "https://apis.data.go.kr"


@pytest.mark.parametrize("source", ["fred", "korea", "taiwan"])
def test_a_series_in_another_unit_than_the_bundled_one_is_refused(place, httpserver, source):
    shutil.copytree(ROOT / "data" / "raw", place, dirs_exist_ok=True)
    before = {path: path.read_bytes() for path in written(place)}
    wrong = {
        "fred": lambda r: fred_body(r.args["id"]).replace("7.1", "8.9"),
        "korea": lambda _: (
            KOREA.replace("000000<", "000<")
            .replace("2024.02", "2024.03")
            .replace(
                "<item><year>총",
                "<item><year>2024.04</year><hsCode>8542</hsCode><expDlr>9000000</expDlr></item><item><year>총",
            )
        ),
        "taiwan": lambda _: (
            TAIWAN.replace('"14,100.5"', "14100500").replace("13900.25", "13900250")
            + "113年 4月,1,12000000,1\n"
        ),
    }
    serve(httpserver, source, lambda r, _: Response(wrong[source](r).encode(), content_type=KIND[source]))
    with pytest.raises(FetchError, match=r"bundled series|not as documented"):
        run(source)
    assert {path: path.read_bytes() for path in written(place)} == before


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2024-13", None),
        ("24-01", None),
        ("2024-05", "2024-04"),
        ("1900-01", None),
        (None, "2999-01"),
        ("x", None),
    ],
)
def test_months_that_are_none(start, end):
    with pytest.raises(UsageError):
        month_span("comtrade", start, end)


def test_months_by_default_and_unknown_sources():
    assert len(month_span("comtrade", None, None)) == 12
    assert month_span("korea", "2024-11", "2025-01") == ["2024-11", "2024-12", "2025-01"]
    with pytest.raises(UsageError, match="no source"):
        fetch_source("moon")


def test_fetch_all_goes_on_past_a_source_that_fails(place, httpserver, monkeypatch, capsys):
    monkeypatch.delenv("KOREA_CUSTOMS_API_KEY")
    monkeypatch.setattr("chipexports.collect.fetch.Limits", lambda: LIMITS)
    monkeypatch.setattr("chipexports.collect.http.Limits", lambda: LIMITS)
    for source in ("comtrade", "fred", "taiwan"):
        serve(httpserver, source)
    assert main(["fetch", "all", "--start", "2024-01", "--end", "2024-01"]) == 1
    said = capsys.readouterr()
    assert "korea: set KOREA_CUSTOMS_API_KEY" in said.err
    assert said.out.count(".csv") == 4


def test_a_session_closes_its_connections():
    with Session("x", "http://127.0.0.1:9", LIMITS) as session:
        pass
    assert session._client.is_closed


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("20", "no access"),
        ("22", "tomorrow"),
        ("30", "not registered"),
        ("31", "expired"),
        ("99", "instead of"),
    ],
)
def test_korea_code_has_a_word_where_the_user_can_mend_it(code, word):
    body = f"<r><cmmMsgHeader><returnReasonCode>{code}</returnReasonCode></cmmMsgHeader></r>".encode()
    with pytest.raises(FetchError, match=f"code {code}.*{word}"):
        korea.parse(body)


def test_comtrade_months_without_rows_are_named_by_flow():
    table = pd.DataFrame(
        {"flow": ["export", "export", "import"], "period": ["2026-04", "2026-06", "2026-04"]}
    )
    said = comtrade._empty(["2026-04", "2026-05", "2026-06"], table)
    assert [text.split(":")[0] for text in said] == [
        "no rows of exports for 2026-05",
        "no rows of imports for 2026-05, 2026-06",
    ]
    assert comtrade._empty(["2026-04"], table) == ()
