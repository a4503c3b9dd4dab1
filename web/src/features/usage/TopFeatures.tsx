import type { CSSProperties } from 'react'
import { count, plural, share } from '@/format/numbers'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Spark } from '@/ui/charts'
import { Card, categoryOf, Empty, kit, Tile } from '@/ui/kit'
import { Table, type Column } from '@/ui/table'
import { Csv } from './Csv'
import s from './usage.module.css'
import { usePeriod } from './usePeriod'

const SHOWN = 8

/** What costs most, at which price and how often. */
export function TopFeatures() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { from } = usePeriod()
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/usage/features',
    { params: { path: { wallet_id: wallet.id }, query: { from, limit: SHOWN } } },
  )
  const { data: prices } = queries.useQuery('get', '/v1/pricing')
  const price = (code: string) => prices?.features.find(({ feature }) => feature === code)
  type Row = NonNullable<typeof data>['data'][number]
  const columns: Column<Row>[] = [
    {
      id: 'feature',
      title: 'Feature',
      cell: ({ feature, category }) => (
        <span className={s.feature}>
          <Tile of={{ type: 'USAGE_DEDUCTION', category }} size={26} />
          {featureName(feature)}
        </span>
      ),
    },
    {
      id: 'price',
      title: 'Price',
      isFigure: true,
      isWide: true,
      cell: ({ feature }) => {
        const known = price(feature)
        return known
          ? `${count(known.credits)}${known.per === 1 ? '' : ` per ${count(known.per)}`}`
          : '—'
      },
    },
    {
      id: 'operations',
      title: 'Operations',
      isFigure: true,
      isWide: true,
      cell: (row) => count(row.count),
    },
    {
      id: 'trend',
      title: 'Trend',
      isFigure: true,
      isWide: true,
      cell: ({ trend }) => <Spark values={trend} width={66} height={22} />,
    },
    { id: 'credits', title: 'Credits', isFigure: true, cell: ({ credits }) => count(credits) },
    {
      id: 'share',
      title: 'Share',
      isFigure: true,
      cell: ({ percentage, category }) => (
        <span className={s.share}>
          <i
            style={
              {
                '--share': `${percentage}%`,
                '--color': categoryOf(category).color,
              } as CSSProperties
            }
          />
          <span>{share(percentage)}</span>
        </span>
      ),
    },
  ]
  return (
    <Card
      title="Top features"
      padded={false}
      right={
        <>
          {data && <span className={kit.muted}>{plural(data.total_count, 'operation')}</span>}
          <Csv of="features" what="Top features" />
        </>
      }
    >
      <Table
        label="Top features"
        columns={columns}
        rows={data?.data}
        idOf={({ feature }) => feature}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <Empty title="Nothing was used" action={null}>
            No credits were used in this period.
          </Empty>
        }
      />
    </Card>
  )
}
