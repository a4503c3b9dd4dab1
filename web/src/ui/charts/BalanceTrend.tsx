import { max } from 'd3-array'
import { scaleLinear } from 'd3-scale'
import { area, line } from 'd3-shape'
import { useId } from 'react'
import { count } from '@/format/numbers'
import c from './charts.module.css'
import { says } from './messages'
import { useCursor } from './useCursor'
import { useWidth } from './useWidth'

const ROOM = { top: 10, bottom: 4, right: 6 }
const TIP = 180

export interface BalancePoint {
  id: string
  label: string
  balance: number
  /** Credits bought within it. */
  bought: number
}

interface Props {
  points: readonly BalancePoint[]
  height?: number
  /** The level that something happens at, such as a recharge. */
  level: number | null
}

/** The balance over time, on the dark card. Its colours are of the card and never change. */
export function BalanceTrend({ points, height = 122, level }: Props) {
  const [ref, width] = useWidth()
  const fill = useId()
  const inner = height - ROOM.top - ROOM.bottom
  const last = points.length - 1
  const x = scaleLinear([0, Math.max(1, last)], [2, Math.max(2, width - ROOM.right)])
  const y = scaleLinear([0, Math.max(1, (max(points, (p) => p.balance) ?? 0) * 1.04)], [inner, 0])
  const place = (_: BalancePoint, at: number) => x(at)
  const drawn = line<BalancePoint>(place, (p) => y(p.balance))
  const filled = area<BalancePoint>(place, inner, (p) => y(p.balance))
  const { at, bind } = useCursor(points.length, 0, width / Math.max(1, points.length))
  const read = at === null ? undefined : points[at]
  const now = points[last]
  return (
    <div className={c.wrap} ref={ref} style={{ height }}>
      {width > 0 && now && (
        <svg
          className={c.svg}
          height={height}
          role="img"
          aria-label={says.balance.label(points.length, now.balance)}
          {...bind}
        >
          <defs>
            <linearGradient id={fill} x2="0" y2="1">
              <stop stopColor="var(--gold-light)" stopOpacity=".34" />
              <stop offset="1" stopColor="var(--gold-light)" stopOpacity="0" />
            </linearGradient>
          </defs>
          <g transform={`translate(0,${ROOM.top})`}>
            {level !== null && <line className={c.level} x2={width} y1={y(level)} y2={y(level)} />}
            <path d={filled([...points]) ?? ''} fill={`url(#${fill})`} />
            <path className={c.trend} d={drawn([...points]) ?? ''} />
            {points.map((point, number) =>
              point.bought ? (
                <circle
                  key={point.id}
                  className={c.bought}
                  cx={x(number)}
                  cy={y(point.balance)}
                  r={4.2}
                />
              ) : null,
            )}
            <circle className={c.now} cx={x(last)} cy={y(now.balance)} r={4} />
            {at !== null && read && (
              <g>
                <line className={c.reading} x1={x(at)} x2={x(at)} y2={inner} />
                <circle cx={x(at)} cy={y(read.balance)} r={4} fill="var(--on-hero)" />
              </g>
            )}
          </g>
        </svg>
      )}
      {read && at !== null && (
        <div
          className={c.trendTip}
          style={{ transform: `translate(${clamped(x(at) - TIP / 2, width - TIP)}px, -34px)` }}
          aria-hidden
        >
          <div className={c.tipRow}>
            {read.label}
            <b>{count(read.balance)}</b>
          </div>
          {read.bought > 0 && (
            <div className={c.tipRow}>
              {says.balance.bought}
              <b>+{count(read.bought)}</b>
            </div>
          )}
        </div>
      )}
      <div className="vh" aria-live="polite">
        {read ? says.balance.at(read.label, read.balance) : ''}
      </div>
    </div>
  )
}

const clamped = (n: number, highest: number) => Math.min(Math.max(0, n), Math.max(0, highest))
