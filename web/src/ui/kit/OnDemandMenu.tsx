import {
  cloneElement,
  Suspense,
  useState,
  type HTMLAttributes,
  type ReactElement,
  type ReactNode,
} from 'react'

export type Opener = ReactElement<HTMLAttributes<HTMLElement>>

interface Props {
  /** The menu, open from the start, around its opener. */
  menu: (opener: Opener) => ReactNode
  /** Fetches its code. */
  load: () => Promise<unknown>
  /** The button that opens it. */
  children: Opener
}

/** A menu whose code is fetched when somebody reaches for it; it opens as soon as it is there. */
export function OnDemandMenu({ menu, load, children }: Props) {
  const [isWanted, setWanted] = useState(false)
  const closed = cloneElement(children, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onPointerEnter: () => void load(),
    onFocus: () => void load(),
    onClick: () => setWanted(true),
  })
  if (!isWanted) return closed
  return <Suspense fallback={closed}>{menu(children)}</Suspense>
}
