import { compact } from '@/format/numbers'
import type { Key } from './bins'
import c from './charts.module.css'
import { says } from './messages'

interface Props {
  keys: readonly Key[]
  hidden: ReadonlySet<string>
  totals: Readonly<Record<string, number>>
  onToggle: (id: string) => void
}

/** What each colour is; a press hides or shows it. */
export function Legend({ keys, hidden, totals, onToggle }: Props) {
  return (
    <div className={c.legend} role="group" aria-label={says.toggle}>
      {keys.map(({ id, name, color }) => (
        <button
          key={id}
          type="button"
          className={c.key}
          aria-pressed={!hidden.has(id)}
          onClick={() => onToggle(id)}
        >
          <i style={{ background: color }} />
          {name}
          <small>{compact(totals[id] ?? 0)}</small>
        </button>
      ))}
    </div>
  )
}
