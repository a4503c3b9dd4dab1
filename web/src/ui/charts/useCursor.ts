import { useState, type KeyboardEvent, type PointerEvent } from 'react'

/** The bin that is read, by pointer or by arrow keys. */
export function useCursor(bins: number, left: number, step: number) {
  const [at, setAt] = useState<number | null>(null)
  const within = (place: number) => Math.min(bins - 1, Math.max(0, place))
  const bind = {
    tabIndex: 0,
    onPointerMove: (event: PointerEvent<SVGElement>) => {
      const { left: edge } = event.currentTarget.getBoundingClientRect()
      const place = Math.floor((event.clientX - edge - left) / step)
      setAt(place >= 0 && place < bins ? place : null)
    },
    onPointerLeave: () => setAt(null),
    onBlur: () => setAt(null),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'ArrowRight') setAt((now) => within(now === null ? 0 : now + 1))
      else if (event.key === 'ArrowLeft') setAt((now) => within(now === null ? bins - 1 : now - 1))
      else if (event.key === 'Home') setAt(0)
      else if (event.key === 'End') setAt(bins - 1)
      else if (event.key === 'Escape') setAt(null)
      else return
      event.preventDefault()
    },
  }
  return { at: at !== null && at < bins ? at : null, bind }
}
