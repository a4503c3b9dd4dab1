import type { Khata } from '../../api/client'
import { problemOf } from '../../api/problem'
import { readMessages } from './sse'

/** One event, as the stream and the webhooks tell it. */
export interface LiveEvent {
  id: string
  type: string
  wallet_id: string | null
  created_at: string
  data: unknown
}

export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'paused' | 'refused'

export interface Listener {
  onEvent: (event: LiveEvent) => void
  /** What happened in between is not known: everything is to be asked again. */
  onGap: () => void
  onState: (state: LiveState) => void
}

interface Place {
  /** The last event's id on the wire, from which the stream goes on. */
  last: string | undefined
}

const SHORTEST_WAIT = 500
const LONGEST_WAIT = 15_000
/** The server lets itself be heard every 15 s; three times that is silence. */
const SILENCE = 45_000

/** Follows the events at `path` until it is aborted, coming back by itself without a gap. */
export async function follow(
  khata: Khata,
  path: string,
  listener: Listener,
  signal: AbortSignal,
  place: Place = { last: undefined },
): Promise<void> {
  const pause = { ms: SHORTEST_WAIT }
  const isOver = () => signal.aborted
  while (!isOver()) {
    const refused = await once(khata, path, listener, signal, place, pause).catch(() => false)
    if (isOver()) return
    if (refused) {
      listener.onState('refused')
      return
    }
    listener.onState('reconnecting')
    await waited(pause.ms * (0.75 + Math.random() / 2), signal)
    pause.ms = Math.min(pause.ms * 2, LONGEST_WAIT)
  }
}

/** One connection to its end; whether we may not have any. */
async function once(
  khata: Khata,
  path: string,
  listener: Listener,
  signal: AbortSignal,
  place: Place,
  pause: { ms: number },
): Promise<boolean> {
  const silence = new Silence()
  const response = await fetch(khata.baseUrl + path, {
    headers: {
      Accept: 'text/event-stream',
      ...(await khata.credentials()),
      ...(place.last ? { 'Last-Event-ID': place.last } : {}),
    },
    credentials: 'same-origin',
    cache: 'no-store',
    signal: AbortSignal.any([signal, silence.signal]),
  })
  if (!response.ok || !response.body) return !(await problemOf(response)).isPassing
  const isFirst = place.last === undefined
  listener.onState('live')
  if (isFirst) listener.onGap()
  pause.ms = SHORTEST_WAIT
  try {
    await readMessages(response.body, {
      onSound: () => silence.broken(),
      onRetry: (ms) => (pause.ms = ms),
      onMessage: ({ id, event, text }) => {
        if (id !== undefined) place.last = id
        if (event === 'reset') listener.onGap()
        else listener.onEvent(JSON.parse(text) as LiveEvent)
      },
    })
  } finally {
    silence.end()
  }
  return false
}

/** Aborts when nothing was heard for too long: a dead line looks like a quiet one. */
class Silence {
  private readonly aborter = new AbortController()
  private timer = this.started()

  get signal() {
    return this.aborter.signal
  }

  broken() {
    clearTimeout(this.timer)
    this.timer = this.started()
  }

  end() {
    clearTimeout(this.timer)
  }

  private started() {
    return setTimeout(() => this.aborter.abort(), SILENCE)
  }
}

/** Waits, but comes back at once when the network does. */
function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      removeEventListener('online', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    addEventListener('online', done)
    signal.addEventListener('abort', done)
  })
}
