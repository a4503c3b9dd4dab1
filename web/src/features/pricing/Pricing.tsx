import { Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { count } from '@/format/numbers'
import { dayOfYear } from '@/format/times'
import { featureName } from '@/format/words'
import type { Feature } from '@/api/types'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Card, categoryOf, Empty, kit, Page, PageHead, Pill, Tile } from '@/ui/kit'
import { Table, type Column } from '@/ui/table'
import { Calculator } from './Calculator'
import { changesBetween, leftOut, sinceWhen, type Change } from './changes'
import { says } from './messages'
import s from './pricing.module.css'
import { Trial } from './trial/Trial'

/** What each operation costs, since when, and what other prices would have brought. */
export default function Pricing() {
  const { queries } = useKhata()
  const { wallet } = useChosenWallet()
  const mayTry = useMay('pricing:write')
  const { version: wanted, against } = useSearch({ from: '/org/pricing' })
  const navigate = useNavigate({ from: '/org/pricing' })
  const [typed, setTyped] = useState('')
  const { data, error, refetch } = queries.useQuery('get', '/v1/pricing/versions', {
    params: { query: { limit: 200 } },
  })
  const versions = data?.data ?? []
  const shown = versions.find(({ version }) => String(version) === wanted) ?? versions[0]
  const upTo = versions.filter(({ version }) => version <= (shown?.version ?? 0))
  const before = versions.find(({ version }) => String(version) === against) ?? upTo[1]
  const since = sinceWhen(upTo)
  const gone = shown && before ? leftOut(before.features, shown.features) : []
  const changes =
    shown && before ? changesBetween(before.features, shown.features) : new Map<string, Change>()
  const words = typed.toLowerCase()
  const rows = shown?.features.filter(({ feature }) =>
    `${feature} ${featureName(feature)}`.toLowerCase().includes(words),
  )
  return (
    <Page>
      <PageHead
        title={says.title}
        sub={shown ? says.sub(shown.version, shown.effective_at, wallet.time_zone) : '\u00a0'}
      />
      <div className={s.columns}>
        <Card padded={false}>
          <div className={s.tools}>
            <TextInput
              className={s.search ?? ''}
              data-page-search
              aria-label={says.search}
              placeholder={says.searchHint}
              leftSection={<IconSearch size={15} stroke={1.8} />}
              value={typed}
              onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            />
            <Select
              aria-label={says.version}
              data={versions.map(({ version, effective_at }) => ({
                value: String(version),
                label: says.versionOf(version, effective_at, wallet.time_zone),
              }))}
              value={shown ? String(shown.version) : null}
              onChange={(version) =>
                void navigate({
                  search: (known) => ({ ...known, ...(version ? { version } : {}) }),
                })
              }
              allowDeselect={false}
            />
            {versions.length > 1 && (
              <Select
                aria-label={says.against}
                placeholder={says.against}
                data={versions
                  .filter(({ version }) => version !== shown?.version)
                  .map(({ version }) => ({
                    value: String(version),
                    label: says.comparedWith(version),
                  }))}
                value={before ? String(before.version) : null}
                onChange={(other) =>
                  void navigate({
                    search: (known) => ({ ...known, ...(other ? { against: other } : {}) }),
                  })
                }
                allowDeselect={false}
              />
            )}
          </div>
          {before && gone.length > 0 && (
            <p className={s.gone}>{says.gone(gone.map(featureName), before.version)}</p>
          )}
          <Table
            label={says.prices}
            columns={columnsWith(changes, since, wallet.time_zone)}
            rows={rows}
            idOf={({ feature }) => feature}
            error={error}
            onRetry={() => void refetch()}
            empty={
              <Empty title={says.empty.title} action={null}>
                {says.empty.text}
              </Empty>
            }
          />
        </Card>
        <div className={s.column}>
          {shown && <Calculator features={shown.features} />}
          {mayTry && shown && <Trial key={shown.version} current={shown.features} />}
        </div>
      </div>
    </Page>
  )
}

const columnsWith = (
  changes: ReadonlyMap<string, Change>,
  since: ReadonlyMap<string, string>,
  zone: string,
): Column<Feature>[] => [
  {
    id: 'operation',
    title: says.columns.operation,
    cell: ({ feature, category }) => (
      <span className={s.operation}>
        <Tile of={{ type: 'USAGE_DEDUCTION', category }} size={26} />
        <span>
          {featureName(feature)}
          <small className="mono">{feature}</small>
        </span>
      </span>
    ),
  },
  {
    id: 'category',
    title: says.columns.category,
    isWide: true,
    cell: ({ category }) => categoryOf(category).name,
  },
  {
    id: 'credits',
    title: says.columns.credits,
    isFigure: true,
    cell: ({ credits, per = 1, unit = 'call' }) => (
      <>
        {count(credits)} <span className={kit.muted}>{says.per(per, unit)}</span>
      </>
    ),
  },
  {
    id: 'since',
    title: says.columns.since,
    isWide: true,
    cell: ({ feature }) => dayOfYear(since.get(feature) ?? '', zone),
  },
  {
    id: 'kind',
    title: says.columns.atZero,
    isWide: true,
    cell: ({ premium }) => (premium ? says.pauses : says.keepsWorking),
  },
  ...(changes.size > 0 ? [changedColumn(changes)] : []),
]

const changedColumn = (changes: ReadonlyMap<string, Change>): Column<Feature> => ({
  id: 'change',
  title: says.columns.changed,
  isWide: true,
  cell: ({ feature }) => {
    const change = changes.get(feature)
    if (!change) return <span className={kit.muted}>—</span>
    return change.kind === 'new' ? (
      <Pill tone="brand">{says.isNew}</Pill>
    ) : (
      <Pill>{says.was(change.before)}</Pill>
    )
  },
})
