import type { ReactNode } from 'react'
import { IconCheck } from '@tabler/icons-react'
import s from './kit.module.css'

export type Tone = 'ok' | 'warn' | 'bad' | 'brand'

interface Props {
  tone?: Tone
  dot?: boolean
  children: ReactNode
}

/** A state that is an exception. A normal one is `Quiet`. */
export function Pill({ tone, dot = true, children }: Props) {
  return (
    <span className={s.pill} data-tone={tone}>
      {dot && <i aria-hidden />}
      {children}
    </span>
  )
}

/** A state as it should be: grey, with a small tick. */
export function Quiet({ children }: { children: ReactNode }) {
  return (
    <span className={s.quiet}>
      <IconCheck size={13} stroke={2.4} aria-hidden />
      {children}
    </span>
  )
}
