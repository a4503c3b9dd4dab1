"""The shapes of bodies and answers, as docs and clients see them, made of the domain's values."""
