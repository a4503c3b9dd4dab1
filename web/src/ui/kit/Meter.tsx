import s from './kit.module.css'

interface Props {
  used: number
  limit: number
  label: string
  height?: number
  /** Fixed where the meter shows a share, which is never too much. */
  tone?: 'brand' | 'warn' | 'bad'
  /** A category's own, for its share. */
  color?: string
}

const WARN_FROM = 80
const BAD_FROM = 95

/** How much of a limit is used. It warns from 80 % and alarms from 95 %. */
export function Meter({ used, limit, label, height, tone, color }: Props) {
  const percent = limit > 0 ? Math.min(100, (used / limit) * 100) : 100
  const told = tone ?? (percent >= BAD_FROM ? 'bad' : percent >= WARN_FROM ? 'warn' : undefined)
  return (
    <div
      className={s.meter}
      role="meter"
      aria-label={label}
      aria-valuenow={Math.round(percent)}
      aria-valuemin={0}
      aria-valuemax={100}
      style={{ height }}
    >
      <i
        data-tone={told}
        style={{ width: `${percent}%`, ...(color ? { background: color } : {}) }}
      />
    </div>
  )
}
