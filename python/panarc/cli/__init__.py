"""The command ``panarc``, with the verbs and flags of AGC.

Results go to standard output, everything else to standard error. What a verb needs is loaded when it runs, so that
``panarc --help`` and the list verbs answer at once.
"""

from .app import command, main

__all__ = ["command", "main"]
