#!/usr/bin/env python
"""Command line of SENCO Pathway. Settings come from DJANGO_SETTINGS_MODULE (demo by default)."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.demo")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
