"""At the desk: results at hand in a notebook, and the model and widgets of the exploring notebook."""
