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
import { WORDS } from './words'

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
      Create key
    </Button>
  )
  return (
    <Page>
      <PageHead title="API keys" sub="Who may call the API, and for what.">
        {rows && rows.length > 0 && add}
      </PageHead>
      <Card padded={false}>
        <Table
          label="API keys"
          columns={columnsIn(wallet.time_zone, now, creatorIn(rows, nameOf), setMade)}
          rows={rows}
          idOf={({ id }) => id}
          empty={
            <Empty title="No keys yet" action={add}>
              Your servers show a key with each call. Give each its own, with the fewest scopes that
              do.
            </Empty>
          }
          {...list}
        />
      </Card>
      <KeyForm isOpen={isOpen} close={close} onSecret={(secret) => setMade({ secret })} />
      <Secret secret={made?.secret ?? null} title="The key’s secret" close={() => setMade(null)}>
        {WORDS.once}
        {made?.formerUntil && ` ${WORDS.former(made.formerUntil, wallet.time_zone)}`}
      </Secret>
    </Page>
  )
}

/** Who made a key: a person, another key, or the command line. */
const creatorIn =
  (keys: readonly ApiKey[] | undefined, nameOf: (id: string) => string) => (id: string) => {
    const name = keys?.find((key) => key.id === id)?.name ?? actorName(nameOf(id))
    // A key of the whole platform's is not among an organization's own.
    return name.startsWith('key_') ? WORDS.platformKey : name
  }

const columnsIn = (
  zone: string,
  now: number,
  creatorOf: (id: string) => string,
  onSecret: (made: Made) => void,
): Column<ApiKey>[] => [
  {
    id: 'name',
    title: 'Key',
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
    title: 'May',
    isWide: true,
    cell: ({ scopes }) =>
      scopes.includes('*') ? (
        'Everything'
      ) : (
        <span className={s.scopes} title={scopes.join(', ')}>
          {scopes.join(', ')}
        </span>
      ),
  },
  {
    id: 'limit',
    title: WORDS.limit,
    isWide: true,
    cell: ({ name, spending_limit }) =>
      spending_limit ? (
        <span className={s.spent}>
          <span>
            {count(spending_limit.used)}{' '}
            <span className={kit.muted}>
              {WORDS.of(spending_limit.credits, spending_limit.window)}
            </span>
          </span>
          <Meter
            used={spending_limit.used}
            limit={spending_limit.credits}
            label={WORDS.used(name)}
          />
        </span>
      ) : (
        <span className={kit.muted}>{WORDS.noLimit}</span>
      ),
  },
  {
    id: 'used',
    title: 'Last used',
    isWide: true,
    cell: ({ last_used_at }) =>
      last_used_at ? ago(last_used_at, now, zone) : <span className={kit.muted}>Never</span>,
  },
  {
    id: 'created',
    title: 'Created',
    isWide: true,
    cell: ({ created_at, created_by }) => (
      <span className={s.made}>
        {dayOfYear(created_at, zone)}
        {created_by && <small>{WORDS.by(creatorOf(created_by))}</small>}
      </span>
    ),
  },
  {
    id: 'state',
    title: 'State',
    cell: ({ revoked_at, expires_at }) => {
      if (revoked_at) return <Pill>Revoked</Pill>
      if (!expires_at) return <Quiet>Good</Quiet>
      return Date.parse(expires_at) <= now ? (
        <Pill>Expired</Pill>
      ) : (
        <Pill tone="warn">Until {dayOfYear(expires_at, zone)}</Pill>
      )
    },
  },
  {
    id: 'actions',
    title: <span className="vh">Actions</span>,
    isFigure: true,
    cell: (key) => <KeyActions apiKey={key} onSecret={onSecret} />,
  },
]
