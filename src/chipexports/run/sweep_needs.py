"""What every worker of a sweep by library needs, imported once before the first is forked."""

from __future__ import annotations

# pandera imports these at the first table it checks; statsmodels is left to the sets that need it, as
# it takes as long to import as five sets to compute
import pandera.backends.pandas.builtin_checks
import pandera.backends.pandas.register  # noqa: F401

import chipexports.run.sweep_task
import chipexports.stages.forecast  # noqa: F401
from chipexports.forecast.methods import METHODS, load_method

for _name in METHODS:
    load_method(_name)
