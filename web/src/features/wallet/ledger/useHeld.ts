import { useEffect, useState, type RefObject } from 'react'
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
  if (!isAway && held) setHeld(null)
  if (isAway && newest !== undefined && held?.filter !== filter)
    setHeld({ filter, sequence: newest })
  const shown = held ? transactions?.filter(({ sequence }) => sequence <= held.sequence) : null
  return {
    shown: shown ?? transactions,
    waiting: shown && transactions ? transactions.length - shown.length : 0,
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
