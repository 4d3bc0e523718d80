"""Names for the handles of sliders: ipywidgets gives the part that takes the keys no name of its own."""

from __future__ import annotations

import anywidget
import traitlets

# a slider may reach the page after this widget: it is looked for until it is there
_MODULE = """
function render({ model }) {
  let waiting, tries = 0;
  const name = () => {
    clearTimeout(waiting);
    let all = true;
    for (const [mark, [label, value]] of Object.entries(model.get("words"))) {
      const handles = document.querySelectorAll(`.${mark} .noUi-handle`);
      all = all && handles.length > 0;
      for (const handle of handles) {
        handle.setAttribute("aria-label", label);
        if (value) handle.setAttribute("aria-valuetext", value);
      }
    }
    if (!all && tries++ < 200) waiting = setTimeout(name, 50);
  };
  const again = () => { tries = 0; waiting = setTimeout(name, 0); };
  model.on("change:words", again);
  again();
  return () => { clearTimeout(waiting); model.off("change:words", again); };
}
export default { render };
"""


class HandleNames(anywidget.AnyWidget):
    """Gives the handle of each slider with a class of its own a name and a value in words."""

    _esm = _MODULE
    #: by the slider's class: its name, and what its value means ("" leaves the number)
    words = traitlets.Dict().tag(sync=True)
