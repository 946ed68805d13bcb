"""`bin/kiosk` and the built binary start here."""

from kiosk.cli.main import main

if __name__ == "__main__":
    main()
