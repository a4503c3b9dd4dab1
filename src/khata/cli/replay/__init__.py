"""`khata replay`: meter a CSV of real requests through a running Khata, once and exactly.

trace      the file: its rows, and the broken ones by line, column and remedy
mapping    which column is metered as which feature
wishes     what is asked of Khata for a row, under which keys
client     HTTP: keep-alive, retries with the same keys
drive      when each row is asked for, and how many at once
tally      what came of it
"""

from khata.cli.replay.command import replay

__all__ = ["replay"]
