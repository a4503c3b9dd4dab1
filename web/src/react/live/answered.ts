import type { QueryClient } from '@tanstack/react-query'

const CALM_MS = 100
const LONGEST_MS = 5_000

/**
 * Starts once the page has the answers to what it asked first, or after a while without them.
 * A stream that begins asks everything again, since nobody knows what it missed: begun sooner, it
 * would drop answers that are on their way, and hold one of the few connections they come over.
 * The returned function ends it.
 */
export function onceAnswered(client: QueryClient, start: () => () => void): () => void {
  let end: (() => void) | undefined
  let calm: ReturnType<typeof setTimeout> | undefined
  const begin = () => {
    stopWaiting()
    end = start()
  }
  const look = () => {
    clearTimeout(calm)
    if (client.isFetching() === 0) calm = setTimeout(begin, CALM_MS)
  }
  const longest = setTimeout(begin, LONGEST_MS)
  const unsubscribe = client.getQueryCache().subscribe(look)
  const stopWaiting = () => {
    clearTimeout(calm)
    clearTimeout(longest)
    unsubscribe()
  }
  look()
  return () => {
    stopWaiting()
    end?.()
  }
}
