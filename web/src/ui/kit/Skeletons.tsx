import { Skeleton } from '@mantine/core'
import s from './kit.module.css'
import { says } from './messages'

/* Each keeps the outline of what is coming, so that nothing moves when it arrives. */

const WIDTHS = [74, 96, 82, 104]

/** `hasMeter`: one of its figures stands over a meter. */
export function StripSkeleton({ hasMeter = false }: { hasMeter?: boolean }) {
  return (
    <div className={s.strip} aria-hidden>
      {WIDTHS.map((width) => (
        <div key={width} className={s.stat}>
          <Skeleton h={11} w={width} />
          <Skeleton h={22} w={width + 14} mt={12} />
          <Skeleton h={10} w={width + 30} mt={12} mb={hasMeter ? 23 : 0} />
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

/** Fields with their labels. */
export function FieldSkeletons({ fields }: { fields: number }) {
  return Array.from({ length: fields }, (_, field) => (
    <div key={field} aria-hidden>
      <Skeleton h={11} w={120} mb={11} />
      <Skeleton h={36} />
    </div>
  ))
}

/** A page whose code or first answer is on its way. */
export function PageSkeleton({ label = says.loading }: { label?: string }) {
  return (
    <div className={s.page} role="status">
      <span className="vh">{label}</span>
      <Skeleton h={28} w={170} mb={42} />
      <StripSkeleton />
    </div>
  )
}
