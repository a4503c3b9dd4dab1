import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { components } from '@/api/schema'
import { moment } from '@/format/times'
import { actorName } from '@/format/words'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Empty, kit, Page, PageHead } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import s from './audit.module.css'
import { differences } from './differences'
import { EntryDrawer } from './EntryDrawer'
import { Filters } from './Filters'
import { useAuditSearch } from './useAuditSearch'
import { actionName } from './words'

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
      <PageHead title="Audit log" sub="Every change by people and keys. It can’t be edited.">
        <Button
          component="a"
          href={`/v1/audit-log.csv${query && `?${query}`}`}
          download
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.8} />}
        >
          Export CSV
        </Button>
      </PageHead>
      <Card padded={false}>
        <Filters />
        <Table
          label="Audit log"
          columns={columnsIn(wallet.time_zone, (entry) => change({ entry }))}
          rows={rows}
          idOf={({ id }) => id}
          isWalked
          empty={
            <Empty title="Nothing matches" action={null}>
              Each change of settings, keys, members and prices, and all credits that somebody gives
              or takes, are written here with what was before.
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
    title: 'What',
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
    title: 'Who',
    cell: ({ actor, actor_name, address }) => (
      <span className={s.two}>
        {actor_name ?? actorName(actor)}
        <small>{address ?? actor}</small>
      </span>
    ),
  },
  {
    id: 'change',
    title: 'Change',
    isWide: true,
    cell: ({ before, after }) => (
      <span className={s.changes}>
        {differences(before, after).map(({ field, was, is }) => (
          <span key={field}>
            {field}: {was !== null && <del>{was}</del>} {is !== null && <ins>{is}</ins>}
          </span>
        ))}
        {!before && !after && <span className={kit.muted}>—</span>}
      </span>
    ),
  },
  { id: 'time', title: 'When', cell: ({ created_at }) => moment(created_at, zone) },
]
