"""The parameters of a run: one typed model, read from a set's file, the command line or a notebook.

`RunParams` is the model, `load_params` reads ``params/<set>.yaml`` with overrides, and
`check_notebook` is the third cell of every notebook.
"""

from chipexports.params.model import COMBINATIONS, FIGURE_FORMATS, METHODS, RunParams, describe
from chipexports.params.notebook import check_notebook
from chipexports.params.record import check_record
from chipexports.params.sets import load_params, parse_overrides, set_path

__all__ = [
    "COMBINATIONS",
    "FIGURE_FORMATS",
    "METHODS",
    "RunParams",
    "check_notebook",
    "check_record",
    "describe",
    "load_params",
    "parse_overrides",
    "set_path",
]
