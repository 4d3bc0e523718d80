"""Figures fit for print in English and Chinese: data in, `Drawn` out.

``catalogue.draw_and_save(name, tables, run, formats=..., language=..., as_of=..., flow=..., currency=...,
target_year=..., threshold=...)`` draws a figure from a mapping of tables, writes PNG, SVG, PDF, CSV and
caption, and returns a `Drawn` (a notebook shows it) or a `LeftOut` with the reason.
``catalogue.names("03")`` lists a notebook's figures in reading order; ``gallery.write_gallery(run)``
makes the page. Every function also stands alone: ``paths.ytd_paths(monthly, language="zh")``.

========================  =======================================  ======================  ========
name                      function                                 tables                  notebook
========================  =======================================  ======================  ========
exports_level, _log       exports.monthly_exports(scale=)          monthly                 03
ytd_paths                 paths.ytd_paths(threshold=)              monthly                 03
growth                    growth.growth                            monthly                 03
price_quantity_monthly,   price_quantity.price_quantity(by=)       monthly                 03
_yearly
seasonality               seasonality.month_shares                 monthly                 03
festival                  festival.festival_effect                 monthly, indicators     03
trade_balance             balance.trade_balance                    monthly                 03
partners                  products.partners                        partners                03
products                  products.products                        products                03
cycle                     cycle.cycle                              monthly, indicators     03
output                    output.output                            output, monthly         03
revisions                 revisions.revisions                      releases                03
backtest_errors           backtest.errors                          scores                  04
backtest_coverage         backtest.coverage                        scores                  04
backtest_pit              backtest.pit                             backtest                04
evolution                 evolution.evolution                      evolution               04
fan                       fan.fan                                  fan, forecast           05
distribution              distribution.distribution                totals, forecast        05
moved                     moved.moved                              news                    05
needed                    needed.needed                            monthly                 05
claims                    claims.claims                            claims                  06
month_by_month            month_by_month.month_by_month            sweep                   (a sweep)
========================  =======================================  ======================  ========

Keywords all functions know: ``language`` (en|zh), ``size`` (column|page|slide), ``as_of``; those of a
forecast also ``flow``, ``currency``, ``target_year``, ``threshold``.
"""

from chipexports.charts.figure import Chart, FigureNotDrawn, chart
from chipexports.charts.lines import by_kind, end_label

__all__ = ["Chart", "FigureNotDrawn", "by_kind", "chart", "end_label"]
