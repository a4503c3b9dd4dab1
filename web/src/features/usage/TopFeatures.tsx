import type { CSSProperties } from 'react'
import { count, share } from '@/format/numbers'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Spark } from '@/ui/charts'
import { Card, categoryOf, Empty, ExportCsv, kit, Tile } from '@/ui/kit'
import { Table, type Column } from '@/ui/table'
import { says } from './messages'
import s from './usage.module.css'
import { usePeriod } from './usePeriod'

const SHOWN = 8

/** What costs most, at which price and how often. */
export function TopFeatures() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { from, csvUrl } = usePeriod()
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
      title: says.features.feature,
      cell: ({ feature, category }) => (
        <span className={s.feature}>
          <Tile of={{ type: 'USAGE_DEDUCTION', category }} size={26} />
          {featureName(feature)}
        </span>
      ),
    },
    {
      id: 'price',
      title: says.features.price,
      isFigure: true,
      isWide: true,
      cell: ({ feature }) => {
        const known = price(feature)
        return known ? says.features.priceOf(known.credits, known.per) : '—'
      },
    },
    {
      id: 'operations',
      title: says.features.count,
      isFigure: true,
      isWide: true,
      cell: (row) => count(row.count),
    },
    {
      id: 'trend',
      title: says.features.trend,
      isFigure: true,
      isWide: true,
      cell: ({ trend }) => <Spark values={trend} width={66} height={22} />,
    },
    {
      id: 'credits',
      title: says.features.credits,
      isFigure: true,
      cell: ({ credits }) => count(credits),
    },
    {
      id: 'share',
      title: says.features.share,
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
      title={says.features.title}
      padded={false}
      right={
        <>
          {data && <span className={kit.muted}>{says.features.operations(data.total_count)}</span>}
          <ExportCsv href={csvUrl('features')} of={says.features.title} />
        </>
      }
    >
      <Table
        label={says.features.title}
        columns={columns}
        rows={data?.data}
        idOf={({ feature }) => feature}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <Empty title={says.features.none} action={null}>
            {says.features.empty}
          </Empty>
        }
      />
    </Card>
  )
}
