import { useId } from 'react'

interface Props {
  values: readonly number[]
  width?: number
  height?: number
}

/** A line of a figure's past, beside it. It says nothing that the figure and its hint don't. */
export function Spark({ values, width = 84, height = 30 }: Props) {
  const fill = useId()
  if (values.length < 2) return null
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const points = values.map((value, place) => {
    const x = (place / (values.length - 1)) * (width - 4) + 2
    const y = height - 3 - ((value - low) / (high - low || 1)) * (height - 6)
    return `${x.toFixed(1)} ${y.toFixed(1)}`
  })
  const path = `M${points.join('L')}`
  return (
    <svg width={width} height={height} aria-hidden>
      <defs>
        <linearGradient id={fill} x2="0" y2="1">
          <stop stopColor="var(--brand-text)" stopOpacity=".2" />
          <stop offset="1" stopColor="var(--brand-text)" stopOpacity="0" />
        </linearGradient>
      </defs>
      <path d={`${path}L${width - 2} ${height}L2 ${height}Z`} fill={`url(#${fill})`} />
      <path
        d={path}
        fill="none"
        stroke="var(--brand-text)"
        strokeWidth="1.6"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  )
}

/** The same as bars, of which one may be now. */
export function SparkBars({ values, width = 86, height = 32, now }: Props & { now?: number }) {
  const highest = Math.max(...values, 1)
  const step = width / Math.max(1, values.length)
  return (
    <svg width={width} height={height} aria-hidden>
      {values.map((value, place) => {
        const tall = Math.max(2, (value / highest) * height)
        const fill = place === now ? 'var(--brand)' : value ? 'var(--brand-line)' : 'var(--active)'
        return (
          <rect
            key={place}
            x={place * step + 0.75}
            y={height - tall}
            width={Math.max(1.5, step - 1.5)}
            height={tall}
            rx={1.2}
            fill={fill}
          />
        )
      })}
    </svg>
  )
}
