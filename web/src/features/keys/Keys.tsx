import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import type { components } from '@/api/schema'
import { ago, dayOfYear } from '@/format/times'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Avatar, Card, Empty, kit, Page, PageHead, Pill, Quiet, Secret } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import { useNow } from '@/ui/useNow'
import { KeyActions } from './KeyActions'
import { KeyForm } from './KeyForm'
import s from './keys.module.css'

export type ApiKey = components['schemas']['ApiKey']

const PATH = '/v1/api-keys'

/** Who may call the API, and for what. */
export default function Keys() {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const may = useMay('keys:write')
  const now = useNow()
  const [isOpen, { open, close }] = useDisclosure(false)
  const [secret, setSecret] = useState<string | null>(null)
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
          columns={columnsIn(wallet.time_zone, now, setSecret)}
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
      <KeyForm isOpen={isOpen} close={close} onSecret={setSecret} />
      <Secret secret={secret} title="The key’s secret" close={() => setSecret(null)}>
        It is shown this once and kept nowhere. Store it where your server reads it, and never in a
        browser.
      </Secret>
    </Page>
  )
}

const columnsIn = (
  zone: string,
  now: number,
  onSecret: (secret: string) => void,
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
    cell: ({ created_at }) => dayOfYear(created_at, zone),
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
