"""Warm kernels: Jupyter kernels forked from a process that has done the imports.

A notebook's kernel spends seconds on imports; forked from a server that has done them it is there in some
milliseconds, and still a clean process of its own. Two functions are all there is:

- `warm_kernels` makes the kernels started inside its block warm ones;
- `call` calls functions in warm processes of their own, side by side.

Nothing here knows the project around it::

    from papermill import execute_notebook
    from chipexports.kernels import warm_kernels

    with warm_kernels(then=["pandas", "matplotlib.pyplot"]) as kernels:
        for path in notebooks:
            execute_notebook(path, path.with_suffix(".done.ipynb"), **kernels.options())

Linux and macOS only. Elsewhere, and whenever anything here fails, ordinary kernels do the work: what is
private to jupyter_client and ipykernel and may change with them stands in `chipexports.kernels.insides`.
No kernel outlives the process that began the block, however it, its server or all of them end.
"""

from chipexports.kernels.process import call
from chipexports.kernels.warm import Kernels, warm_kernels

__all__ = ["Kernels", "call", "warm_kernels"]
