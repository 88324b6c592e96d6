"""`python -m rag`, and the console script `rag`."""

from rag.cli import main

if __name__ == "__main__":
    main()
