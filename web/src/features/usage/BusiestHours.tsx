import { Button } from '@mantine/core'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Heatmap, HoursTable } from '@/ui/charts'
import { Card, CardSkeleton, ExportCsv, Failed } from '@/ui/kit'
import { says } from './messages'
import s from './usage.module.css'
import { usePeriod } from './usePeriod'

const DAYS = [1, 2, 3, 4, 5, 6, 7]
const LEVELS = [0, 1, 2, 3, 4, 5]

export function BusiestHours() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { from, areHoursTable, change, csvUrl } = usePeriod()
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/usage/heatmap',
    {
      params: { path: { wallet_id: wallet.id }, query: { from } },
    },
  )
  if (!data)
    return error ? (
      <Failed what={says.hours.notLoaded} error={error} onRetry={() => void refetch()} />
    ) : (
      <CardSkeleton chart={150} />
    )
  const rows = DAYS.map((day) =>
    data.data.filter(({ weekday }) => weekday === day).map(({ credits }) => credits),
  )
  return (
    <Card
      title={says.hours.title}
      right={
        <>
          <Button
            size="xs"
            variant="subtle"
            aria-pressed={areHoursTable}
            onClick={() => change({ hours: areHoursTable ? undefined : 'table' })}
          >
            {areHoursTable ? says.hours.asMap : says.table}
          </Button>
          <ExportCsv href={csvUrl('heatmap')} of={says.hours.title} />
        </>
      }
    >
      {areHoursTable ? (
        <HoursTable rows={rows} />
      ) : (
        <>
          <Heatmap rows={rows} summary={says.hours.summary(data.busiest)} />
          <p className={s.ramp} aria-hidden>
            {says.hours.less}
            {LEVELS.map((level) => (
              <i key={level} style={{ background: `var(--heat-${level})` }} />
            ))}
            {says.hours.more}
          </p>
        </>
      )}
    </Card>
  )
}
