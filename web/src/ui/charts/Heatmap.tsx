import { count } from '@/format/numbers'
import { Tooltip } from '@/ui/kit'
import c from './charts.module.css'

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const LEVELS = 5

/** Credits by weekday (from Monday) and hour. `summary` says where they are most. */
export function Heatmap({
  rows,
  summary,
}: {
  rows: readonly (readonly number[])[]
  summary: string
}) {
  const highest = Math.max(1, ...rows.flat())
  const levelOf = (n: number) =>
    n <= 0 ? 0 : Math.min(LEVELS, 1 + Math.floor((n / highest) * (LEVELS - 0.001)))
  return (
    <div className={c.heat} role="img" aria-label={summary}>
      {rows.map((hours, weekday) => [
        <span key={weekday}>{DAYS[weekday]}</span>,
        ...hours.map((credits, hour) => (
          <Tooltip
            key={`${weekday} ${hour}`}
            label={`${DAYS[weekday] ?? ''} ${clock(hour)}:00 · ${count(credits)} credits`}
            openDelay={0}
          >
            <span className={c.cell} style={{ background: `var(--heat-${levelOf(credits)})` }} />
          </Tooltip>
        )),
      ])}
      <span />
      {Array.from({ length: 24 }, (_, hour) => (
        <span key={hour} className={c.hour}>
          {hour % 6 === 0 ? clock(hour) : ''}
        </span>
      ))}
    </div>
  )
}

const clock = (hour: number) => String(hour).padStart(2, '0')
