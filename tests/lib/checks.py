# SPDX-License-Identifier: GPL-2.0-or-later
"""The check tier: what can be said about the source without running it."""
from cases import Test


def tests(root):
    """Each check is a program of its own, so that it can be run by hand."""
    return [
        Test("check/layers", [str(root / "tests" / "layers")]),
        Test("check/format", [str(root / "tests" / "lib" / "check-format")]),
        Test("check/shellcheck", [str(root / "tests" / "lib" / "check-shell")], 300),
        Test("check/manual", [str(root / "tests" / "lib" / "check-manual")]),
        Test("check/cppcheck", [str(root / "tests" / "lib" / "check-cppcheck")], 900),
        Test("check/tidy", [str(root / "tests" / "lib" / "check-tidy")], 1500),
        Test("check/unit", [str(root / "tests" / "lib" / "check-unit")]),
        Test("check/package", [str(root / "tests" / "lib" / "check-package")], 600),
    ]
