"""`python -m khata.cli`, for where the script `khata` is not on the path."""

from khata.cli.program import main

main()
