import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { useKhata } from '../context'
import { onceAnswered } from './answered'
import { applyEvent } from './apply'
import type { LiveEvent, LiveState } from './follow'
import { followShared } from './shared'

interface Live {
  state: LiveState
  isPaused: boolean
  pause: () => void
  resume: () => void
  /** Calls `listener` with every event until the returned function is called. */
  subscribe: (listener: (event: LiveEvent) => void) => () => void
}

const LiveContext = createContext<Live | null>(null)

interface Props {
  /** The wallet whose events are followed; without it those of the whole organization. */
  walletId?: string
  children: ReactNode
}

/** Keeps all hooks below it in line with what happens, over one connection for all tabs. */
export function LiveProvider({ walletId, children }: Props) {
  const { khata, queries } = useKhata()
  const client = useQueryClient()
  const [heard, setHeard] = useState<LiveState>('connecting')
  const [isPaused, setPaused] = useState(false)
  const listeners = useRef(new Set<(event: LiveEvent) => void>())
  const path = walletId ? `/v1/wallets/${walletId}/events` : '/v1/events'

  useEffect(() => {
    if (isPaused) return undefined
    return onceAnswered(client, () =>
      followShared(khata, path, {
        onState: setHeard,
        onGap: () => void client.invalidateQueries(),
        onEvent: (event) => {
          applyEvent(client, queries, event)
          for (const listener of listeners.current) listener(event)
        },
      }),
    )
  }, [khata, queries, client, path, isPaused])

  const subscribe = useCallback((listener: (event: LiveEvent) => void) => {
    listeners.current.add(listener)
    return () => void listeners.current.delete(listener)
  }, [])
  const live = useMemo<Live>(
    () => ({
      state: isPaused ? 'paused' : heard,
      isPaused,
      pause: () => setPaused(true),
      resume: () => {
        setPaused(false)
        void client.invalidateQueries()
      },
      subscribe,
    }),
    [heard, isPaused, client, subscribe],
  )
  return <LiveContext value={live}>{children}</LiveContext>
}

/** Whether the page follows what happens. Must stand below a `LiveProvider`. */
export function useLive(): Live {
  const live = useContext(LiveContext)
  if (!live) throw new Error('There is no <LiveProvider> above this component.')
  return live
}

/** Calls `listener` with every event of that type. */
export function useLiveEvent(type: string, listener: (event: LiveEvent) => void) {
  const { subscribe } = useLive()
  const latest = useRef(listener)
  useEffect(() => {
    latest.current = listener
  })
  useEffect(
    () =>
      subscribe((event) => {
        if (event.type === type) latest.current(event)
      }),
    [subscribe, type],
  )
}
