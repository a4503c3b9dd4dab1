import type { components } from '@/api/schema'
import { moment } from '@/format/times'
import { actorName } from '@/format/words'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Empty, ExportCsv, kit, Page, PageHead } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import { actionName } from './actions'
import s from './audit.module.css'
import { differences } from './differences'
import { EntryDrawer } from './EntryDrawer'
import { Filters } from './Filters'
import { says } from './messages'
import { useAuditSearch } from './useAuditSearch'

export type Entry = components['schemas']['AuditEntry']

const PATH = '/v1/audit-log'

/** Who changed what, on what, from where, and what it was before. */
export default function Audit() {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const { search, asked, change } = useAuditSearch()
  const { rows, ...list } = usePages(
    ['get', PATH, { params: { query: asked } }],
    (cursor, signal) =>
      khata.api.GET(PATH, { params: { query: { limit: 50, ...asked, ...cursor } }, signal }),
  )
  const query = new URLSearchParams(asked).toString()
  return (
    <Page>
      <PageHead title={says.title} sub={says.sub}>
        <ExportCsv href={`/v1/audit-log.csv${query && `?${query}`}`} />
      </PageHead>
      <Card padded={false}>
        <Filters />
        <Table
          label={says.title}
          columns={columnsIn(wallet.time_zone, (entry) => change({ entry }))}
          rows={rows}
          idOf={({ id }) => id}
          isWalked
          empty={
            <Empty title={says.empty.title} action={null}>
              {says.empty.text}
            </Empty>
          }
          {...list}
        />
      </Card>
      <EntryDrawer id={search.entry} entries={rows ?? []} open={(entry) => change({ entry })} />
    </Page>
  )
}

const columnsIn = (zone: string, open: (id: string) => void): Column<Entry>[] => [
  {
    id: 'what',
    title: says.columns.what,
    cell: ({ id, action, subject }) => (
      <span className={s.two}>
        <button type="button" className={s.open} onClick={() => open(id)}>
          {actionName(action)}
        </button>
        <small className="mono">{subject}</small>
      </span>
    ),
  },
  {
    id: 'who',
    title: says.columns.who,
    cell: ({ actor, actor_name, address }) => (
      <span className={s.two}>
        {actor_name ?? actorName(actor)}
        <small>{address ?? actor}</small>
      </span>
    ),
  },
  {
    id: 'change',
    title: says.columns.change,
    isWide: true,
    cell: ({ before, after }) => (
      <span className={s.changes}>
        {differences(before, after).map(({ field, was, is }) => (
          <span key={field}>
            {says.field(field)} {was !== null && <del>{was}</del>} {is !== null && <ins>{is}</ins>}
          </span>
        ))}
        {!before && !after && <span className={kit.muted}>—</span>}
      </span>
    ),
  },
  { id: 'time', title: says.columns.when, cell: ({ created_at }) => moment(created_at, zone) },
]
