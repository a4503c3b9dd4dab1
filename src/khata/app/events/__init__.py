"""Events: gathered into one order, read in it, and told to people and programs."""
