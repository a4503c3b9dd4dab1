import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import type { components } from '@/api/schema'
import { count } from '@/format/numbers'
import { ago, dayOfYear } from '@/format/times'
import { actorName } from '@/format/words'
import { useKhata } from '@/react'
import { useMemberName } from '@/session/members'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Avatar, Card, Empty, kit, Meter, Page, PageHead, Pill, Quiet, Secret } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import { useNow } from '@/ui/useNow'
import { KeyActions } from './KeyActions'
import { KeyForm } from './KeyForm'
import s from './keys.module.css'
import { says } from './messages'

export type ApiKey = components['schemas']['ApiKey']

/** A secret that is to be shown, and until when the one before it is good. */
export interface Made {
  secret: string
  formerUntil?: string
}

const PATH = '/v1/api-keys'

/** Who may call the API, and for what. */
export default function Keys() {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const may = useMay('keys:write')
  const now = useNow()
  const [isOpen, { open, close }] = useDisclosure(false)
  const [made, setMade] = useState<Made | null>(null)
  const nameOf = useMemberName()
  const { rows, ...list } = usePages(['get', PATH, {}], (cursor, signal) =>
    khata.api.GET(PATH, { params: { query: { limit: 50, ...cursor } }, signal }),
  )
  const add = may && (
    <Button leftSection={<IconPlus size={16} stroke={2.2} />} onClick={open}>
      {says.create}
    </Button>
  )
  return (
    <Page>
      <PageHead title={says.title} sub={says.sub}>
        {rows && rows.length > 0 && add}
      </PageHead>
      <Card padded={false}>
        <Table
          label={says.title}
          columns={columnsIn(wallet.time_zone, now, creatorIn(rows, nameOf), setMade)}
          rows={rows}
          idOf={({ id }) => id}
          empty={
            <Empty title={says.empty.title} action={add}>
              {says.empty.text}
            </Empty>
          }
          {...list}
        />
      </Card>
      <KeyForm isOpen={isOpen} close={close} onSecret={(secret) => setMade({ secret })} />
      <Secret secret={made?.secret ?? null} title={says.secret.title} close={() => setMade(null)}>
        {says.secret.once}
        {made?.formerUntil && says.secret.former(made.formerUntil, wallet.time_zone)}
      </Secret>
    </Page>
  )
}

/** Who made a key: a person, another key, or the command line. */
const creatorIn =
  (keys: readonly ApiKey[] | undefined, nameOf: (id: string) => string) => (id: string) => {
    const name = keys?.find((key) => key.id === id)?.name ?? actorName(nameOf(id))
    // A key of the whole platform's is not among an organization's own.
    return name.startsWith('key_') ? says.platformKey : name
  }

const columnsIn = (
  zone: string,
  now: number,
  creatorOf: (id: string) => string,
  onSecret: (made: Made) => void,
): Column<ApiKey>[] => [
  {
    id: 'name',
    title: says.columns.key,
    cell: ({ name, hint }) => (
      <span className={s.key}>
        <Avatar name={name} size={28} isKey />
        <span>
          {name}
          <small className="mono">{hint}</small>
        </span>
      </span>
    ),
  },
  {
    id: 'scopes',
    title: says.columns.may,
    isWide: true,
    cell: ({ scopes }) =>
      scopes.includes('*') ? (
        says.everything
      ) : (
        <span className={s.scopes} title={scopes.join(', ')}>
          {scopes.join(', ')}
        </span>
      ),
  },
  {
    id: 'limit',
    title: says.columns.limit,
    isWide: true,
    cell: ({ name, spending_limit }) =>
      spending_limit ? (
        <span className={s.spent}>
          <span>
            {count(spending_limit.used)}{' '}
            <span className={kit.muted}>
              {says.of(spending_limit.credits, spending_limit.window)}
            </span>
          </span>
          <Meter
            used={spending_limit.used}
            limit={spending_limit.credits}
            label={says.spentBy(name)}
          />
        </span>
      ) : (
        <span className={kit.muted}>{says.noLimit}</span>
      ),
  },
  {
    id: 'used',
    title: says.columns.used,
    isWide: true,
    cell: ({ last_used_at }) =>
      last_used_at ? ago(last_used_at, now, zone) : <span className={kit.muted}>{says.never}</span>,
  },
  {
    id: 'created',
    title: says.columns.created,
    isWide: true,
    cell: ({ created_at, created_by }) => (
      <span className={s.made}>
        {dayOfYear(created_at, zone)}
        {created_by && <small>{says.by(creatorOf(created_by))}</small>}
      </span>
    ),
  },
  {
    id: 'state',
    title: says.columns.state,
    cell: ({ revoked_at, expires_at }) => {
      if (revoked_at) return <Pill>{says.states.revoked}</Pill>
      if (!expires_at) return <Quiet>{says.states.good}</Quiet>
      return Date.parse(expires_at) <= now ? (
        <Pill>{says.states.expired}</Pill>
      ) : (
        <Pill tone="warn">{says.states.until(expires_at, zone)}</Pill>
      )
    },
  },
  {
    id: 'actions',
    title: <span className="vh">{says.columns.actions}</span>,
    isFigure: true,
    cell: (key) => <KeyActions apiKey={key} onSecret={onSecret} />,
  },
]
