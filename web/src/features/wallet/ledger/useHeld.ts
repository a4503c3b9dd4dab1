import { useEffect, useMemo, useState, type RefObject } from 'react'
import type { Transaction } from '@/api/types'
import { useScroller } from '@/ui/scroll'

interface Held {
  filter: string
  sequence: number
}

/**
 * What of a list, newest first, may be shown while its top is out of sight: what came since the
 * reader left it waits, so that no row moves under the pointer.
 */
export function useHeld(
  transactions: readonly Transaction[] | undefined,
  filter: string,
  top: RefObject<HTMLElement | null>,
) {
  const isAway = useIsAbove(top)
  const [held, setHeld] = useState<Held | null>(null)
  const newest = transactions?.[0]?.sequence
  const first = held
    ? (transactions?.findIndex(({ sequence }) => sequence <= held.sequence) ?? 0)
    : 0
  // A list that has begun anew has nothing of what was held.
  const isLost = first < 0
  if (!isAway && held) setHeld(null)
  if (isAway && newest !== undefined && (isLost || held?.filter !== filter))
    setHeld({ filter, sequence: newest })
  // The same list as long as nothing waits: it may have as many rows as the ledger.
  const waiting = isLost ? 0 : first
  const shown = useMemo(
    () => (waiting ? transactions?.slice(waiting) : transactions),
    [transactions, waiting],
  )
  return {
    shown,
    waiting,
    /** Back to the top, where everything is shown. */
    catchUp: () => {
      setHeld(null)
      top.current?.scrollIntoView({ block: 'center' })
    },
  }
}

/** Whether that mark has been scrolled out at the top. */
function useIsAbove(mark: RefObject<HTMLElement | null>): boolean {
  const scroller = useScroller()
  const [isAbove, setAbove] = useState(false)
  useEffect(() => {
    const seen = mark.current
    if (!seen) return
    const observer = new IntersectionObserver(
      (entries) => {
        const last = entries.at(-1)
        if (last?.rootBounds)
          setAbove(!last.isIntersecting && last.boundingClientRect.top < last.rootBounds.top)
      },
      { root: scroller.current },
    )
    observer.observe(seen)
    return () => observer.disconnect()
  }, [mark, scroller])
  return isAbove
}
