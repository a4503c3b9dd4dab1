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
import s from './pricing.module.css'
import { Trial } from './trial/Trial'
import { WORDS } from './words'

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
        title="Pricing matrix"
        sub={
          shown
            ? `Version ${shown.version}, in force since ${dayOfYear(shown.effective_at, wallet.time_zone)}.`
            : '\u00a0'
        }
      />
      <div className={s.columns}>
        <Card padded={false}>
          <div className={s.tools}>
            <TextInput
              className={s.search ?? ''}
              data-page-search
              aria-label="Search operations"
              placeholder="Search by name or code"
              leftSection={<IconSearch size={15} stroke={1.8} />}
              value={typed}
              onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            />
            <Select
              aria-label="Version"
              data={versions.map(({ version, effective_at }) => ({
                value: String(version),
                label: `Version ${version}, ${dayOfYear(effective_at, wallet.time_zone)}`,
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
                aria-label={WORDS.against}
                placeholder={WORDS.against}
                data={versions
                  .filter(({ version }) => version !== shown?.version)
                  .map(({ version }) => ({
                    value: String(version),
                    label: WORDS.comparedWith(version),
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
            <p className={s.gone}>{WORDS.gone(gone.map(featureName), before.version)}</p>
          )}
          <Table
            label="Prices"
            columns={columnsWith(changes, since, wallet.time_zone)}
            rows={rows}
            idOf={({ feature }) => feature}
            error={error}
            onRetry={() => void refetch()}
            empty={
              <Empty title="No operation matches" action={null}>
                Try a name such as “AI summary”, or a code such as AI_SUMMARY.
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
    title: 'Operation',
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
    title: 'Category',
    isWide: true,
    cell: ({ category }) => categoryOf(category).name,
  },
  {
    id: 'credits',
    title: 'Credits',
    isFigure: true,
    cell: ({ credits, per = 1, unit = 'call' }) => (
      <>
        {count(credits)}{' '}
        <span className={kit.muted}>per {per === 1 ? unit : `${count(per)} ${unit}s`}</span>
      </>
    ),
  },
  {
    id: 'since',
    title: WORDS.since,
    isWide: true,
    cell: ({ feature }) => dayOfYear(since.get(feature) ?? '', zone),
  },
  {
    id: 'kind',
    title: 'At zero credits',
    isWide: true,
    cell: ({ premium }) => (premium ? 'Pauses' : 'Keeps working'),
  },
  {
    id: 'change',
    title: 'Changed',
    isWide: true,
    cell: ({ feature }) => {
      const change = changes.get(feature)
      if (!change) return <span className={kit.muted}>—</span>
      return change.kind === 'new' ? (
        <Pill tone="brand">New</Pill>
      ) : (
        <Pill>was {count(change.before)}</Pill>
      )
    },
  },
]
