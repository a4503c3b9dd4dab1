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

/** The same figures as a table: a row for each hour, a column for each day of the week. */
export function HoursTable({ rows }: { rows: readonly (readonly number[])[] }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable
    <div className={c.tableScroll} tabIndex={0} role="region" aria-label="Hours, as a table">
      <table className={c.table}>
        <caption className="vh">Credits used by weekday and hour</caption>
        <thead>
          <tr>
            <th scope="col">Hour</th>
            {DAYS.map((day) => (
              <th scope="col" key={day}>
                {day}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: 24 }, (_, hour) => (
            <tr key={hour}>
              <th scope="row">{clock(hour)}:00</th>
              {rows.map((hours, weekday) => (
                <td key={weekday}>{count(hours[hour] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const clock = (hour: number) => String(hour).padStart(2, '0')
