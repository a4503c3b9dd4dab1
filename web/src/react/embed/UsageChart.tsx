import { count } from '../../format/numbers'
import { day } from '../../format/times'
import { useUsageAnalytics, type UsagePeriod } from '../hooks/useUsageAnalytics'
import './embed.css'

interface Props extends UsagePeriod {
  walletId: string
  height?: number
}

/** Credits used day by day, as bars and, for those who don't see them, as a table. */
export function UsageChart({ walletId, height = 120, ...period }: Props) {
  const { series, summary } = useUsageAnalytics(walletId, period)
  if (!series || !summary) return <div className="khata-chart" style={{ height }} aria-busy />
  const highest = Math.max(1, ...series.data.map(({ credits }) => credits))
  return (
    <figure className="khata-chart">
      <figcaption>{count(summary.total_consumed)} credits used</figcaption>
      <div className="khata-bars" style={{ height }} aria-hidden>
        {series.data.map(({ at, credits }) => (
          <i
            key={at}
            title={`${day(at, series.time_zone)}: ${count(credits)}`}
            style={{ height: `${(credits / highest) * 100}%` }}
          />
        ))}
      </div>
      <table className="khata-hidden">
        <caption>Credits used each day</caption>
        <tbody>
          {series.data.map(({ at, credits }) => (
            <tr key={at}>
              <th scope="row">{day(at, series.time_zone)}</th>
              <td>{count(credits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
