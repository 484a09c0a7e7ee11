# ruff: noqa: INP001 - Sphinx wants it so
"""The made-up library's documentation for Sphinx; the theme comes from the command line (-D html_theme=...)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Halyard"
author = "Nobody"
release = version = "2.4.1"
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.todo",
    "sphinx.ext.viewcode",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_tabs.tabs",
]
autosummary_generate = True
todo_include_todos = True
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist", "tasklist", "attrs_inline"]
exclude_patterns = ["_build"]
pygments_style = "default"
html_copy_source = True
