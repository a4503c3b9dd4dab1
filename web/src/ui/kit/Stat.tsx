import type { ReactNode } from 'react'
import s from './kit.module.css'

/** Up to four figures in one strip with dividers. */
export function StatStrip({ label, children }: { label: string; children: ReactNode }) {
  return (
    <dl className={s.strip} aria-label={label}>
      {children}
    </dl>
  )
}

interface Props {
  label: ReactNode
  value: ReactNode
  unit?: ReactNode
  /** One line: what it compares to, or what follows from it. */
  hint?: ReactNode
  spark?: ReactNode
  children?: ReactNode
}

export function Stat({ label, value, unit, hint, spark, children }: Props) {
  return (
    <div className={s.stat}>
      <dt className={s.statLabel}>{label}</dt>
      <dd className={s.statValue}>
        {value}
        {unit && <small>{unit}</small>}
      </dd>
      {children && <dd>{children}</dd>}
      {hint && <dd className={s.statHint}>{hint}</dd>}
      {spark && (
        <dd className={s.statSpark} aria-hidden>
          {spark}
        </dd>
      )}
    </div>
  )
}
