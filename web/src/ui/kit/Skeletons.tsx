import { Skeleton } from '@mantine/core'
import s from './kit.module.css'

/* Each keeps the outline of what is coming, so that nothing moves when it arrives. */

const WIDTHS = [74, 96, 82, 104]

export function StripSkeleton() {
  return (
    <div className={s.strip} aria-hidden>
      {WIDTHS.map((width) => (
        <div key={width} className={s.stat}>
          <Skeleton h={11} w={width} />
          <Skeleton h={22} w={width + 14} mt={12} />
          <Skeleton h={10} w={width + 30} mt={12} />
        </div>
      ))}
    </div>
  )
}

export function CardSkeleton({ rows = 4, chart }: { rows?: number; chart?: number }) {
  return (
    <div className={s.cardSkeleton} aria-hidden>
      <Skeleton h={13} w={120} mb={20} />
      {chart ? <Skeleton h={chart} /> : <RowSkeletons rows={rows} />}
    </div>
  )
}

export function RowSkeletons({ rows }: { rows: number }) {
  return Array.from({ length: rows }, (_, row) => (
    <div key={row} className={s.rowSkeleton} aria-hidden>
      <Skeleton h={28} w={28} radius={8} />
      <div>
        <Skeleton h={11} w={`${46 + ((row * 17) % 30)}%`} />
        <Skeleton h={9} w={`${28 + ((row * 13) % 22)}%`} mt={8} />
      </div>
      <Skeleton h={11} w={54} />
    </div>
  ))
}

/** A page whose code or first answer is on its way. */
export function PageSkeleton({ label = 'Loading' }: { label?: string }) {
  return (
    <div className={s.page} role="status">
      <span className="vh">{label}</span>
      <Skeleton h={28} w={170} mb={42} />
      <StripSkeleton />
    </div>
  )
}
