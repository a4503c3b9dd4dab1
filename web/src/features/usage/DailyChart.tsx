import { Button } from '@mantine/core'
import { IconChartBar, IconTable } from '@tabler/icons-react'
import { count } from '@/format/numbers'
import { day, month } from '@/format/times'
import { useKhata } from '@/react'
import { useMemberName } from '@/session/members'
import { useChosenWallet } from '@/session/wallet'
import { BinTable, Legend, StackedBars, usageBars } from '@/ui/charts'
import { Card, CardSkeleton, ExportCsv, Failed } from '@/ui/kit'
import { forecastBins, useForecast } from '@/ui/forecast/useForecast'
import { useNow } from '@/ui/useNow'
import { says } from './messages'
import s from './usage.module.css'
import { usePeriod } from './usePeriod'

/** Each day with what it went on, the days to come, and the line of rapid burn. */
export function DailyChart() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const nameOf = useMemberName()
  const { from, by, hidden, isTable, change, csvUrl } = usePeriod()
  const now = useNow()
  const zone = wallet.time_zone
  const path = { wallet_id: wallet.id }
  const drawn = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/series', {
    params: { path, query: { from, by } },
  })
  const summed = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/summary', {
    params: { path, query: { from } },
  })
  const forecast = useForecast()
  const [series, summary] = [drawn.data, summed.data]
  // Both at once: the lines above the chart would push it down.
  if (!series || !summary) {
    const [missing] = [drawn, summed].filter(({ error }) => error)
    return missing ? (
      <Failed
        what={says.chart.notLoaded}
        error={missing.error}
        onRetry={() => void missing.refetch()}
      />
    ) : (
      <CardSkeleton chart={395} />
    )
  }
  const { bins: used, keys, totals } = usageBars(series, nameOf)
  const first = keys[0]
  const toCome = first ? forecastBins(forecast.days, first.id, series) : []
  const bins = [...used, ...toCome]
  const toggle = (id: string) => {
    const next = hidden.has(id) ? [...hidden].filter((each) => each !== id) : [...hidden, id]
    change({ hide: next.join(',') || undefined }, { replace: true })
  }
  return (
    <Card
      title={says.chart.title}
      right={
        <>
          <Button
            size="xs"
            variant="subtle"
            aria-pressed={isTable}
            onClick={() => change({ view: isTable ? undefined : 'table' })}
            leftSection={
              isTable ? (
                <IconChartBar size={15} stroke={1.8} />
              ) : (
                <IconTable size={15} stroke={1.8} />
              )
            }
          >
            {isTable ? says.chart.asChart : says.table}
          </Button>
          {forecast.days.length > 0 && (
            <ExportCsv href={csvUrl('forecast')} of={says.chart.forecastFile} />
          )}
        </>
      }
    >
      <div className={s.total}>
        {count(summary.total_consumed)}
        <small>{says.chart.average(summary.daily_average)}</small>
      </div>
      <p className={s.course}>
        {forecast.course ? (
          <span>
            {says.chart.onCourse} <b data-testid="on-course">{count(forecast.course.credits)}</b>{' '}
            {says.chart.byThen(
              day(`${forecast.course.until}T12:00:00Z`, zone),
              forecast.course.low,
              forecast.course.high,
            )}
          </span>
        ) : (
          <span>
            {says.chart.pace} <b data-testid="on-course">{count(summary.monthly_estimate)}</b>{' '}
            {says.chart.paceBy(month(new Date(now).toISOString(), zone))}
          </span>
        )}
      </p>
      <div className={s.notes}>
        {toCome.length > 0 && (
          <span>
            <i className={s.hatch} aria-hidden />
            {says.chart.forecast}
          </span>
        )}
        <span>
          <i className={s.dash} aria-hidden />
          {says.chart.rapidBurn(wallet.rapid_burn_limit)}
        </span>
      </div>
      {isTable ? (
        <BinTable bins={bins} keys={keys} caption={says.chart.title} />
      ) : (
        <StackedBars
          bins={bins}
          keys={keys}
          hidden={hidden}
          height={270}
          line={{ at: wallet.rapid_burn_limit, label: count(wallet.rapid_burn_limit) }}
          summary={says.chart.summary(by)}
        />
      )}
      <div className={s.legend}>
        <Legend keys={keys} totals={totals} hidden={hidden} onToggle={toggle} />
      </div>
    </Card>
  )
}
