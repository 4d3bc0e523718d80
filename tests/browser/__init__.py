"""JupyterLab and Voilà in a headless Chromium: servers, pages, and what to ask of them."""
