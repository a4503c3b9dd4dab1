"""`khata demo`: a community and its neighbours with months of usage, so that there is something to
see; and seeded traces in the shape of real ones.

    cast       who they are: wallets, members, rhythms, what they like to use
    days       a wallet's days, from a seed: when how much of what is used
    play       the days played through the engine, by a clock that is turned by hand
    traces     seeded traces whose numbers are drawn from the quantiles of the real ones
"""

from khata.cli.demo.command import demo

__all__ = ["demo"]
