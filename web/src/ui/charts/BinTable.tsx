import { count } from '@/format/numbers'
import { totalOf, type Bin, type Key } from './bins'
import c from './charts.module.css'
import { says } from './messages'

interface Props {
  bins: readonly Bin[]
  keys: readonly Key[]
  caption: string
}

/** The same as a chart, as a table. */
export function BinTable({ bins, keys, caption }: Props) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable
    <div className={c.tableScroll} tabIndex={0} role="region" aria-label={says.asTable(caption)}>
      <table className={c.table}>
        <caption className="vh">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{says.when}</th>
            {keys.map(({ id, name }) => (
              <th scope="col" key={id}>
                {name}
              </th>
            ))}
            <th scope="col">{says.total}</th>
          </tr>
        </thead>
        <tbody>
          {bins.map((bin) => (
            <tr key={bin.id}>
              <th scope="row">{bin.range ? says.forecast(bin.label) : bin.label}</th>
              {keys.map(({ id }) => (
                <td key={id}>{bin.range ? '—' : count(bin.values[id] ?? 0)}</td>
              ))}
              <td>{count(totalOf(bin, keys))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
