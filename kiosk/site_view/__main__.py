"""`python -m kiosk.site_view`: one page, until it is closed, fails, or the terminal goes."""

import sys

from kiosk.site_view.program import main

if __name__ == "__main__":
    sys.exit(main())
