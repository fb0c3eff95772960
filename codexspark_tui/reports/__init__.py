"""reports/: what test runners, compilers and linters print, read as findings. Pure.

    read(output) → Report(tool, findings, failures)

True here: bytes in, values out; nothing is run, no file is read, only the standard library is
loaded. A parser gives findings only where the tool's own form is there, never because a line looks
like an error; what none of them knows is told by its tail. What is read is hostile: lines may be
of any length, and every pattern is anchored and linear.
"""

from __future__ import annotations

from codexspark_tui.reports.read import READERS, read
from codexspark_tui.reports.values import Finding, Frame, Report

__all__ = ["READERS", "Finding", "Frame", "Report", "read"]
