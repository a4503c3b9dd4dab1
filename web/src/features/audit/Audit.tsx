import { Button, TextInput } from '@mantine/core'
import { IconDownload, IconSearch } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import type { components } from '@/api/schema'
import { moment } from '@/format/times'
import { actorName } from '@/format/words'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Empty, kit, Page, PageHead } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import s from './audit.module.css'
import { differences } from './differences'

type Entry = components['schemas']['AuditEntry']

const PATH = '/v1/audit-log'
const TYPING_MS = 300
const FIELDS = ['actor', 'action', 'subject'] as const

/** Who changed what, on what, from where, and what it was before. */
export default function Audit() {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const search = useSearch({ from: '/org/audit' })
  const asked = Object.fromEntries(
    FIELDS.flatMap((field) => (search[field] ? [[field, search[field]]] : [])),
  )
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
        <div className={s.tools} role="search" aria-label="Filter the audit log">
          <Filter field="actor" label="Who" placeholder="usr_… or key_…" />
          <Filter field="action" label="Action" placeholder="api_key.created" />
          <Filter field="subject" label="On what" placeholder="An ID" />
        </div>
        <Table
          label="Audit log"
          columns={columnsIn(wallet.time_zone)}
          rows={rows}
          idOf={({ id }) => id}
          empty={
            <Empty title="Nothing matches" action={null}>
              Each change of settings, keys, members and prices, and all credits that somebody gives
              or takes, are written here with what was before.
            </Empty>
          }
          {...list}
        />
      </Card>
    </Page>
  )
}

interface FilterProps {
  field: (typeof FIELDS)[number]
  label: string
  placeholder: string
}

function Filter({ field, label, placeholder }: FilterProps) {
  const search = useSearch({ from: '/org/audit' })
  const navigate = useNavigate({ from: '/org/audit' })
  const [typed, setTyped] = useState(search[field] ?? '')
  const ask = useDebouncedCallback((text: string) => {
    void navigate({
      search: ({ [field]: _, ...known }) => (text ? { ...known, [field]: text } : known),
      replace: true,
    })
  }, TYPING_MS)
  return (
    <TextInput
      aria-label={label}
      placeholder={`${label}: ${placeholder}`}
      leftSection={<IconSearch size={15} stroke={1.8} />}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value)
        ask(currentTarget.value.trim())
      }}
    />
  )
}

const columnsIn = (zone: string): Column<Entry>[] => [
  { id: 'time', title: 'When', cell: ({ created_at }) => moment(created_at, zone) },
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
    id: 'what',
    title: 'What',
    cell: ({ action, subject }) => (
      <span className={s.two}>
        {action}
        <small className="mono">{subject}</small>
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
]
