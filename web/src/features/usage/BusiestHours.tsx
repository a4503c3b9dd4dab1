import { Button } from '@mantine/core'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Heatmap, HoursTable } from '@/ui/charts'
import { Card, CardSkeleton, Failed } from '@/ui/kit'
import { Csv } from './Csv'
import s from './usage.module.css'
import { usePeriod } from './usePeriod'
import { WORDS } from './words'

const HEADING = 'Busiest hours'
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const LEVELS = [0, 1, 2, 3, 4, 5]

export function BusiestHours() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { from, areHoursTable, change } = usePeriod()
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/usage/heatmap',
    {
      params: { path: { wallet_id: wallet.id }, query: { from } },
    },
  )
  if (!data)
    return error ? (
      <Failed what="Hours could not be loaded." error={error} onRetry={() => void refetch()} />
    ) : (
      <CardSkeleton chart={150} />
    )
  const rows = DAYS.map((_, day) =>
    data.data.filter(({ weekday }) => weekday === day + 1).map(({ credits }) => credits),
  )
  const { busiest } = data
  const most = busiest
    ? `Busiest on ${DAYS[busiest.weekday - 1] ?? ''} from ${busiest.hour}:00.`
    : 'Nothing was used.'
  return (
    <Card
      title={HEADING}
      right={
        <>
          <Button
            size="xs"
            variant="subtle"
            aria-pressed={areHoursTable}
            onClick={() => change({ hours: areHoursTable ? undefined : 'table' })}
          >
            {areHoursTable ? WORDS.heat : WORDS.table}
          </Button>
          <Csv of="heatmap" what={HEADING} />
        </>
      }
    >
      {areHoursTable ? (
        <HoursTable rows={rows} />
      ) : (
        <>
          <Heatmap rows={rows} summary={`Credits used by weekday and hour. ${most}`} />
          <p className={s.ramp} aria-hidden>
            Less
            {LEVELS.map((level) => (
              <i key={level} style={{ background: `var(--heat-${level})` }} />
            ))}
            More
          </p>
        </>
      )}
    </Card>
  )
}
