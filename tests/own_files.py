"""Files as people hold them: the layout of the publishers' downloads, with values that are made up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

MONTHS = pd.period_range("2016-01", "2024-08", freq="M")

# the columns of a CSV that comtradeplus.un.org gives; it writes single bytes and ends rows with a comma
COMTRADE = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,"
    "flowDesc,partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,classificationCode,"
    "classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,customsCode,"
    "customsDesc,mosCode,motCode,motDesc,qtyUnitCode,qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,"
    "altQtyUnitAbbr,altQty,isAltQtyEstimated,netWgt,isNetWgtEstimated,grossWgt,isGrossWgtEstimated,cifvalue,"
    "fobvalue,primaryValue,legacyEstimationFlag,isReported,isAggregate"
)
PARTNERS = {
    "World": (0, "W00"),
    "Côte d'Ivoire": (384, "CIV"),
    "Türkiye": (792, "TUR"),
}


def values(level: float, months: pd.PeriodIndex = MONTHS) -> np.ndarray:
    """Return months with growth, a season and noise."""
    noise = 0.03 * np.random.default_rng(3).standard_normal(len(months))
    season = 0.1 * np.sin(2 * np.pi * months.month / 12)
    return level * np.exp(0.004 * np.arange(len(months)) + season + noise)


def comtrade(folder: Path, partners: Sequence[str] = ("World",), flows: str = "X") -> Path:
    """Write a monthly download of UN Comtrade: one code, some partners, some flows."""
    lines = [COMTRADE]
    for share, partner in enumerate(partners, 1):
        code, iso = PARTNERS[partner]
        for flow in flows:
            for month, value in zip(MONTHS, values(2.4e9) / share, strict=True):
                period = f"{month.year}{month.month:02d}"
                named = {"X": "Export", "M": "Import"}[flow]
                when = f"{period}01,{month.year},{month.month},{period}"
                lines.append(
                    f"C,M,{when},410,KOR,Rep. of Korea,{flow},{named},"
                    f'{code},{iso},{partner},0,W00,World,H6,HS,True,8541,"Semiconductor devices, diodes",4,'
                    f"False,C00,TOTAL CPC,0,0,TOTAL MOT,-1,N/A,0,False,-1,N/A,0,False,{value / 90:.0f},"
                    f"False,0,False,,{value:.0f},{value:.0f},0,True,{partner == 'World'},"
                )
    path = folder / "TradeData.csv"
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1252"))
    return path


def fred(folder: Path) -> Path:
    """Write a CSV of FRED: its columns, a month as its first day, a month without a value empty."""
    table = pd.DataFrame({"observation_date": MONTHS.strftime("%Y-%m-01"), "XTEXVA01KRM667S": values(3e10)})
    table.iloc[7, 1] = np.nan
    path = folder / "XTEXVA01KRM667S.csv"
    table.to_csv(path, index=False)
    return path


def akshare(folder: Path) -> Path:
    """Write what AKShare's ``macro_china_hgjck`` returns, newest month first, saved by pandas."""
    exports, imports = values(2e8), values(1.6e8)[::-1]
    table = pd.DataFrame({"月份": MONTHS.strftime("%Y年%m月份")})
    for name, months in (("出", exports), ("进", imports)):
        of = pd.Series(months)
        table[f"当月{name}口额-金额"] = of.round()
        table[f"当月{name}口额-同比增长"] = of.pct_change(12).mul(100).round(1)
        table[f"当月{name}口额-环比增长"] = of.pct_change().mul(100).round(1)
        table[f"累计{name}口额-金额"] = of.groupby(MONTHS.year).cumsum().round()
        table[f"累计{name}口额-同比增长"] = 3.1
    path = folder / "hgjck.csv"
    table[::-1].reset_index(drop=True).to_csv(path)
    return path


def chinese(folder: Path, kind: str) -> Path:
    """Write a table of a Chinese statistics page: title, unit and source around it, GBK or a workbook."""
    months = [f"{m.year}年{m.month}月" for m in MONTHS]
    rows = [[month, f"{value:.2f}"] for month, value in zip(months, values(30000), strict=True)]
    rows = [["某市汽车出口额", ""], ["单位：万美元", ""], ["年月", "金额"], *rows, ["数据来源：统计局", ""]]
    path = folder / f"汽车出口.{kind}"
    if kind == "csv":
        path.write_bytes("\r\n".join(",".join(row) for row in rows).encode("gbk"))
        return path
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        pd.DataFrame([["说明"], ["数据来源：统计局"]]).to_excel(
            book, sheet_name="说明", header=False, index=False
        )
        table = pd.DataFrame([[a, float(b) if b[:1].isdigit() else b] for a, b in rows])
        table.to_excel(book, sheet_name="数据", header=False, index=False)
    return path


def nbs(folder: Path) -> Path:
    """Write a download of the National Bureau of Statistics of China: months side by side, newest first."""
    made = pd.Series(values(200), MONTHS)
    lines = {
        "汽车产量_当期值(万辆)": made,
        "汽车产量_累计值(万辆)": made.groupby(MONTHS.year).cumsum(),
        "汽车产量_同比增长(%)": made.pct_change(12).mul(100),
    }
    rows = [["数据库：月度数据"], ["时间：2016年1月-2024年8月"]]
    rows.append(["指标", *[f"{m.year}年{m.month}月" for m in MONTHS[::-1]]])
    rows += [[name, *("" if pd.isna(v) else f"{v:.2f}" for v in line[::-1])] for name, line in lines.items()]
    path = folder / "汽车产量.csv"
    text = "\r\n".join(",".join(row) for row in [*rows, ["数据来源：国家统计局"]])
    path.write_bytes(text.encode("gbk"))
    return path
