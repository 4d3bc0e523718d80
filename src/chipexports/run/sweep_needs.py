"""What every worker of a sweep by library needs, imported once before the first is forked."""

from __future__ import annotations

# pandera imports these at the first table it checks, the methods theirs at the first fit
import pandera.backends.pandas.builtin_checks
import pandera.backends.pandas.register  # noqa: F401
import statsmodels.tsa.exponential_smoothing.ets
import statsmodels.tsa.statespace.sarimax  # noqa: F401

import chipexports.run.sweep_task
import chipexports.stages.forecast  # noqa: F401
from chipexports.methods import METHODS, load_method

for _name in METHODS:
    load_method(_name)
