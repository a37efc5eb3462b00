"""Loading scipy in one thread at a time.

It takes up to half a second, so it is loaded where it is needed, in the window by several threads. Modules of
scipy import each other in circles: of two threads that begin at different ends, Python lets one see a module
that is half loaded, and an import fails that works by itself (seen: ``cannot import name 'get_blas_funcs'
from partially initialized module``).
"""

from __future__ import annotations

import threading
from typing import Final

LOADING: Final = threading.RLock()
"""Held while a part of scipy is imported within a function, or anything that imports one."""
