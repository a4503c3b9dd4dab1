import type { ReactNode } from 'react'
import s from './kit.module.css'

interface Props {
  /** The choice that it is one of. */
  name: string
  isChosen: boolean
  choose: () => void
  /** What it is called, where that is not what stands in it. */
  label?: string
  className?: string | undefined
  children: ReactNode
}

/** One of some that are framed, all of which can be pressed. */
export function Choice({ name, isChosen, choose, label, className = '', children }: Props) {
  return (
    <label className={`${s.choice ?? ''} ${className}`} data-on={isChosen || undefined}>
      <input
        type="radio"
        className={s.radio}
        name={name}
        checked={isChosen}
        onChange={choose}
        aria-label={label}
      />
      {children}
    </label>
  )
}
