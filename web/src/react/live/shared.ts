import type { Khata } from '../../api/client'
import { follow, type LiveEvent, type Listener, type LiveState } from './follow'

type Told =
  | { kind: 'event'; event: LiveEvent; last: string | undefined }
  | { kind: 'gap' }
  | { kind: 'state'; state: LiveState }
  | { kind: 'hello' }

/**
 * Follows the events at `path` for all tabs of the browser over one connection: browsers allow six
 * to a host, and each tab with its own would soon use them up. The tab that holds the lock listens
 * and tells the others; when it closes, the next one goes on from the last event that was told.
 */
export function followShared(khata: Khata, path: string, listener: Listener): () => void {
  const aborter = new AbortController()
  if (!('locks' in navigator) || !('BroadcastChannel' in globalThis)) {
    void follow(khata, path, listener, aborter.signal)
    return () => aborter.abort()
  }
  const name = `khata ${khata.baseUrl}${path}`
  const channel = new BroadcastChannel(name)
  const place = { last: undefined as string | undefined }
  const hearing = heardBy(listener, place)
  channel.onmessage = ({ data }: MessageEvent<Told>) => hearing(data)
  channel.postMessage({ kind: 'hello' } satisfies Told)

  const lead = async () => {
    let state: LiveState = 'connecting'
    const tell = (told: Told) => {
      hearing(told)
      channel.postMessage(told)
    }
    channel.onmessage = ({ data }: MessageEvent<Told>) => {
      if (data.kind === 'hello') channel.postMessage({ kind: 'state', state } satisfies Told)
    }
    const telling: Listener = {
      onEvent: (event) => tell({ kind: 'event', event, last: place.last }),
      onGap: () => tell({ kind: 'gap' }),
      onState: (now) => {
        state = now
        tell({ kind: 'state', state })
      },
    }
    await follow(khata, path, telling, aborter.signal, place)
  }
  navigator.locks.request(name, { signal: aborter.signal }, lead).catch((error: unknown) => {
    if (!aborter.signal.aborted) throw error
  })
  return () => {
    aborter.abort()
    channel.close()
  }
}

function heardBy(listener: Listener, place: { last: string | undefined }) {
  return (told: Told) => {
    switch (told.kind) {
      case 'event':
        place.last = told.last ?? place.last
        listener.onEvent(told.event)
        break
      case 'gap':
        listener.onGap()
        break
      case 'state':
        listener.onState(told.state)
        break
      case 'hello':
        break
    }
  }
}
