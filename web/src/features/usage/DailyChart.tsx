import { Button } from '@mantine/core'
import { IconChartBar, IconTable } from '@tabler/icons-react'
import { count } from '@/format/numbers'
import { useKhata } from '@/react'
import { useMemberName } from '@/session/members'
import { useChosenWallet } from '@/session/wallet'
import { BinTable, Legend, StackedBars, usageBars } from '@/ui/charts'
import { Card, CardSkeleton, Failed } from '@/ui/kit'
import { forecastBins, useForecast } from '@/ui/forecast/useForecast'
import s from './usage.module.css'
import { GROUPS, usePeriod } from './usePeriod'

const CAPTION = 'Credits used per day'

/** Each day with what it went on, the days to come, and the line of rapid burn. */
export function DailyChart() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const nameOf = useMemberName()
  const { from, by, range, hidden, isTable, change } = usePeriod()
  const path = { wallet_id: wallet.id }
  const {
    data: series,
    error,
    refetch,
  } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/series', {
    params: { path, query: { from, by } },
  })
  const { data: summary } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/summary', {
    params: { path, query: { from } },
  })
  const forecast = useForecast()
  if (!series)
    return error ? (
      <Failed what="The chart could not be loaded." error={error} onRetry={() => void refetch()} />
    ) : (
      <CardSkeleton chart={320} />
    )
  const { bins: used, keys, totals } = usageBars(series, nameOf)
  const first = keys[0]
  const toCome = range === 'month' && first ? forecastBins(forecast.days, first.id, series) : []
  const bins = [...used, ...toCome]
  const toggle = (id: string) => {
    const next = hidden.has(id) ? [...hidden].filter((each) => each !== id) : [...hidden, id]
    change({ hide: next.join(',') || undefined }, { replace: true })
  }
  return (
    <Card
      title={CAPTION}
      right={
        <Button
          size="xs"
          variant="subtle"
          aria-pressed={isTable}
          onClick={() => change({ view: isTable ? undefined : 'table' })}
          leftSection={
            isTable ? <IconChartBar size={15} stroke={1.8} /> : <IconTable size={15} stroke={1.8} />
          }
        >
          {isTable ? 'Chart' : 'Table'}
        </Button>
      }
    >
      {summary && (
        <div className={s.total}>
          {count(summary.total_consumed)}
          <small>credits, {count(summary.daily_average)} a day</small>
        </div>
      )}
      <div className={s.notes}>
        {toCome.length > 0 && (
          <span>
            <i className={s.hatch} aria-hidden />
            Forecast, 80% range
          </span>
        )}
        <span>
          <i className={s.dash} aria-hidden />
          Rapid burn from {count(wallet.rapid_burn_limit)} in 24 hours
        </span>
      </div>
      {isTable ? (
        <BinTable bins={bins} keys={keys} caption={CAPTION} />
      ) : (
        <StackedBars
          bins={bins}
          keys={keys}
          hidden={hidden}
          height={270}
          line={{ at: wallet.rapid_burn_limit, label: count(wallet.rapid_burn_limit) }}
          summary={`${CAPTION} by ${GROUPS[by].toLowerCase()}.`}
        />
      )}
      <div className={s.legend}>
        <Legend keys={keys} totals={totals} hidden={hidden} onToggle={toggle} />
      </div>
    </Card>
  )
}
