import { count } from '@/format/numbers'
import { Tooltip } from '@/ui/kit'
import c from './charts.module.css'
import { says } from './messages'

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
        <span key={weekday}>{says.days[weekday]}</span>,
        ...hours.map((credits, hour) => (
          <Tooltip
            key={`${weekday} ${hour}`}
            label={says.hours.cell(says.days[weekday] ?? '', clock(hour), credits)}
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
    <div className={c.tableScroll} tabIndex={0} role="region" aria-label={says.hours.title}>
      <table className={c.table}>
        <caption className="vh">{says.hours.caption}</caption>
        <thead>
          <tr>
            <th scope="col">{says.hours.hour}</th>
            {says.days.map((day) => (
              <th scope="col" key={day}>
                {day}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: 24 }, (_, hour) => (
            <tr key={hour}>
              <th scope="row">{says.hours.clock(clock(hour))}</th>
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
