"""``python -m circle`` is ``circle``."""

from circle.cli import main

if __name__ == "__main__":
    main()
