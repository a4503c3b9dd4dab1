"""Messages as a stream of Server-Sent Events has them: `text/event-stream` of the HTML standard.

JSON as we write it has no line breaks, so a message is one line of data.
"""

from khata.app.events.told import Place, Told


def frame(told: Told) -> bytes:
    """A message, and the id from which a reader resumes behind it."""
    named = f"id: {told.place.text}\nevent: {told.message.type}\ndata: "
    return b"%b%b\n\n" % (named.encode(), told.body)


def mark(position: int) -> bytes:
    """A comment, which keeps the connection alive, and the id from which a reader resumes.

    It is no event to the reader; yet a stream that had nothing to say for long is resumed from
    here, and not from what was said last and may be gone by then.
    """
    return b": nothing new\nid: %d\n\n" % position


def reset(asked: Place, position: int) -> bytes:
    """Tells a reader that what it missed is not kept any more: it is to look anew."""
    told = b'{"type":"reset","data":{"last_event_id":"%b"}}' % asked.text.encode()
    return b"id: %d\nevent: reset\ndata: %b\n\n" % (position, told)
