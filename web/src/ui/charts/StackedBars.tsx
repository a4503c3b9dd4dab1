import { max } from 'd3-array'
import { scaleLinear } from 'd3-scale'
import { useId } from 'react'
import { compact, count } from '@/format/numbers'
import { stacked, totalOf, type Bin, type Key } from './bins'
import c from './charts.module.css'
import { says } from './messages'
import { useCursor } from './useCursor'
import { useWidth } from './useWidth'

const MARGIN = { left: 38, right: 6, top: 10, bottom: 24 }
const WIDEST_BAR = 26
const LABEL_ROOM = 58
const TIP = { width: 190, gap: 14 }
const ROUND = 4
// A limit this many times as high as the highest bar would leave nothing of the bars.
const OUT_OF_SIGHT = 4

interface Props {
  bins: readonly Bin[]
  keys: readonly Key[]
  hidden?: ReadonlySet<string>
  height?: number
  /** A limit that is shown across the chart, or named above it where it is far out of reach. */
  line?: { at: number; label: string } | undefined
  /** The chart in a sentence, for those who don't see it. */
  summary: string
}

export function StackedBars({ bins, keys, hidden, height = 240, line, summary }: Props) {
  const [ref, width] = useWidth()
  const hatch = useId()
  const shown = keys.filter(({ id }) => !hidden?.has(id))
  const inner = {
    width: Math.max(0, width - MARGIN.left - MARGIN.right),
    height: height - MARGIN.top - MARGIN.bottom,
  }
  const step = inner.width / Math.max(1, bins.length)
  const highest = max(bins, (bin) => Math.max(totalOf(bin, shown), bin.range?.high ?? 0)) ?? 0
  const isNear = line !== undefined && line.at <= highest * OUT_OF_SIGHT
  const top = Math.max(highest, isNear ? line.at * 1.02 : 0, 1)
  const y = scaleLinear([0, top], [inner.height, 0]).nice(4)
  const { at, bind } = useCursor(bins.length, MARGIN.left, step)
  const read = at === null ? undefined : bins[at]
  const every = Math.ceil(bins.length / Math.max(2, Math.floor(inner.width / LABEL_ROOM)))
  return (
    <div className={c.wrap} ref={ref} style={{ height }}>
      {width > 0 && (
        <svg
          className={c.svg}
          height={height}
          role="img"
          aria-label={says.byKeys(summary)}
          {...bind}
        >
          <Hatch id={hatch} />
          <g transform={`translate(${MARGIN.left},${MARGIN.top})`}>
            {y.ticks(4).map((tick) => (
              <g key={tick}>
                <line
                  className={tick ? c.grid : c.base}
                  x2={inner.width}
                  y1={y(tick)}
                  y2={y(tick)}
                />
                <text className={c.tick} x={-8} y={y(tick)} dy=".34em" textAnchor="end">
                  {compact(tick)}
                </text>
              </g>
            ))}
            {at !== null && (
              <rect x={at * step} width={step} height={inner.height} rx={5} fill="var(--hover)" />
            )}
            {bins.map((bin, place) => (
              <g key={bin.id} transform={`translate(${(place + 0.5) * step},0)`}>
                <Bar bin={bin} keys={shown} step={step} y={y} hatch={hatch} />
                {place % every === 0 && (
                  <text className={c.tick} y={inner.height + 17} textAnchor="middle">
                    {bin.short}
                  </text>
                )}
              </g>
            ))}
            {line && (
              <g transform={`translate(0,${isNear ? y(line.at) : 14})`}>
                {isNear && <line className={c.limit} x2={inner.width} />}
                <text className={c.limitLabel} x={inner.width} y={-6} textAnchor="end">
                  {isNear ? line.label : says.above(line.label)}
                </text>
              </g>
            )}
          </g>
        </svg>
      )}
      {read && at !== null && (
        <Tip bin={read} keys={shown} left={tipLeft(MARGIN.left + (at + 0.5) * step, width)} />
      )}
      <div className="vh" aria-live="polite">
        {read ? spoken(read, shown) : ''}
      </div>
    </div>
  )
}

interface BarProps {
  bin: Bin
  keys: readonly Key[]
  step: number
  y: (value: number) => number
  hatch: string
}

/** A bar around x = 0: its keys on top of each other, or hatched where it is a forecast. */
function Bar({ bin, keys, step, y, hatch }: BarProps) {
  const width = Math.max(2, Math.min(WIDEST_BAR, step * 0.68))
  const left = -width / 2
  if (bin.range) {
    const top = y(totalOf(bin, keys))
    const [low, high] = [y(bin.range.low), y(bin.range.high)]
    return (
      <>
        <path
          d={rounded(left, top, width, y(0) - top)}
          fill={`url(#${hatch})`}
          stroke="var(--brand-line)"
        />
        <path className={c.range} d={`M0 ${high}V${low}M-3 ${high}h6M-3 ${low}h6`} />
      </>
    )
  }
  return stacked(bin, keys).map(({ key, from, to, isTop }, place) => {
    const [foot, top] = [y(from), y(to)]
    const gap = place ? Math.min(1, (foot - top) * 0.3) : 0
    const height = Math.max(0.5, foot - top - gap)
    return isTop ? (
      <path key={key.id} d={rounded(left, top, width, height)} fill={key.color} />
    ) : (
      <rect key={key.id} x={left} y={top} width={width} height={height} fill={key.color} />
    )
  })
}

function Tip({ bin, keys, left }: { bin: Bin; keys: readonly Key[]; left: number }) {
  return (
    <div
      className={c.tip}
      style={{ transform: `translate(${left}px, 6px)`, width: TIP.width }}
      aria-hidden
    >
      <div className={c.tipHead}>
        <span>{bin.label}</span>
        <span>{count(totalOf(bin, keys))}</span>
      </div>
      {bin.range ? (
        <div className={c.tipRow}>
          {says.bar.range}
          <b>{says.bar.between(bin.range)}</b>
        </div>
      ) : (
        keys.toReversed().map(({ id, name, color }) => (
          <div key={id} className={c.tipRow}>
            <i style={{ background: color }} />
            {name}
            <b>{count(bin.values[id] ?? 0)}</b>
          </div>
        ))
      )}
    </div>
  )
}

function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern
        id={id}
        width="5"
        height="5"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="5" height="5" fill="var(--brand-tint)" />
        <line y2="5" stroke="var(--brand-line)" strokeWidth="2.2" />
      </pattern>
    </defs>
  )
}

/** Beside the bar that is read, on whichever side there is room. */
function tipLeft(bar: number, width: number): number {
  const right = bar + TIP.gap
  return right + TIP.width > width ? Math.max(0, bar - TIP.gap - TIP.width) : right
}

function rounded(x: number, y: number, width: number, height: number): string {
  const r = Math.min(ROUND, height, width / 2)
  return `M${x} ${y + height}V${y + r}q0 ${-r} ${r} ${-r}h${width - 2 * r}q${r} 0 ${r} ${r}V${y + height}Z`
}

function spoken(bin: Bin, keys: readonly Key[]): string {
  const total = totalOf(bin, keys)
  if (bin.range) return says.bar.toCome(bin.label, total, bin.range)
  const parts = keys.map(({ id, name }) => says.bar.part(name, bin.values[id] ?? 0))
  return says.bar.used(bin.label, total, parts)
}
