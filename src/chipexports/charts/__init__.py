"""Figures fit for print in English and Chinese, of one's own and finished ones for reports.

``chart(name, params)`` gives axes to draw on in a notebook; at its end the chart is laid out, saved with
its data, caption and alternative text, and shown. ``by_kind`` draws estimates pale and dashed,
``end_label`` writes a word at the end of a line, ``log_scale`` marks a logarithmic axis.

The figures of reports are functions on the same helper, tables first, then ``params``:

=====================  ===================================  =====================
name                   function                             tables
=====================  ===================================  =====================
fan                    fan.fan                              fan, forecast
distribution           distribution.distribution            totals, forecast
methods                distribution.methods                 forecast
moved                  moved.moved                          news
needed                 needed.needed                        monthly
evolution              evolution.evolution                  evolution
month_by_month         evolution.month_by_month             a sweep's forecasts
backtest_errors        backtest.errors                      scores
backtest_coverage      backtest.coverage                    backtest
backtest_pit           backtest.pit                         backtest
=====================  ===================================  =====================

``python -m chipexports.charts.contact_sheet RUN`` puts all figures of a run on one page, at several widths
and in both languages.
"""

from chipexports.charts.figure import Chart, FigureNotDrawn, chart
from chipexports.charts.lines import by_kind, end_label, log_scale

__all__ = ["Chart", "FigureNotDrawn", "by_kind", "chart", "end_label", "log_scale"]
