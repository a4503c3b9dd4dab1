import {
  cloneElement,
  lazy,
  Suspense,
  useEffect,
  useId,
  useState,
  type HTMLAttributes,
  type ReactElement,
  type ReactNode,
} from 'react'

const Words = lazy(() => import('./TooltipWords'))

const DELAY_MS = 250

interface Props {
  label: ReactNode
  position?: 'top' | 'bottom'
  openDelay?: number
  multiline?: boolean
  w?: number
  withinPortal?: boolean
  /** Whether a finger opens it too: of what does nothing else when it is touched. */
  onTouch?: boolean
  /** What is explained: an element, or a component that passes on what it is given. */
  children: ReactElement<HTMLAttributes<HTMLElement>>
}

/**
 * Explains what the pointer rests on or the keyboard has come to. Until the first time it costs a
 * page nothing but this: a chart has one for each of its cells.
 */
export function Tooltip(props: Props) {
  const { label, openDelay = DELAY_MS, onTouch = false, children, ...look } = props
  const id = useId()
  const [target, setTarget] = useState<HTMLElement | null>(null)
  // Where it is going to open, once that has been wanted for a while.
  const [wanted, setWanted] = useState<HTMLElement | null>(null)
  const [isOpen, setOpen] = useState(false)
  const close = () => {
    setWanted(null)
    setOpen(false)
  }
  useEffect(() => {
    if (!wanted) return undefined
    const timer = setTimeout(() => {
      setTarget(wanted)
      setOpen(true)
    }, openDelay)
    return () => clearTimeout(timer)
  }, [wanted, openDelay])
  useEffect(() => {
    if (!isOpen) return undefined
    const left = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close()
    }
    // A finger that touches something else need not take the focus with it.
    const touched = (event: PointerEvent) => {
      if (!target?.contains(event.target as Node)) close()
    }
    addEventListener('keydown', left)
    addEventListener('pointerdown', touched)
    return () => {
      removeEventListener('keydown', left)
      removeEventListener('pointerdown', touched)
    }
  }, [isOpen, target])
  return (
    <>
      {cloneElement(children, {
        ...(isOpen && { 'aria-describedby': id }),
        onPointerEnter: ({ currentTarget, pointerType }) => {
          if (pointerType === 'mouse') setWanted(currentTarget)
        },
        onPointerLeave: ({ pointerType }) => {
          if (pointerType === 'mouse') close()
        },
        onPointerDown: ({ pointerType }) => {
          if (!onTouch || pointerType === 'mouse') close()
        },
        // Where the page is scrolled by what is touched, the finger is not lifted from it.
        onPointerUp: ({ currentTarget, pointerType }) => {
          if (!onTouch || pointerType === 'mouse') return
          if (isOpen) close()
          else setWanted(currentTarget)
        },
        onFocus: ({ currentTarget }) => {
          if (currentTarget.matches(':focus-visible')) setWanted(currentTarget)
        },
        onBlur: close,
      })}
      {target && (
        <Suspense>
          <Words id={id} label={label} target={target} opened={isOpen} {...look} />
        </Suspense>
      )}
    </>
  )
}
