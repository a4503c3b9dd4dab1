import { ActionIcon, Button, CopyButton, Drawer } from '@mantine/core'
import { IconCheck, IconLink } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { CopyId, Failed, kit, RowSkeletons, shortened, Tooltip, Walk } from '@/ui/kit'
import { useLedgerFilter } from '../ledger/filter'
import { Details } from './Details'
import s from './drawer.module.css'
import { Happened } from './Happened'
import { says } from './messages'
import { Refund } from './Refund'
import { Chain, Entries, Figures } from './sections'

interface Props {
  /** The list's transactions in their order, to walk through without closing. */
  ids: readonly string[]
  /** Fetches the list's next page, where there is one and it is not on its way. */
  more: (() => void) | null
}

const AHEAD = 5

/** One transaction whole: what it moved, between which accounts, why it cost that, and its hash. */
export default function TransactionDrawer({ ids, more }: Props) {
  const { search, open } = useLedgerFilter()
  const id = search.tx
  const at = id ? ids.indexOf(id) : -1
  const isNearEnd = at >= 0 && at >= ids.length - AHEAD
  useEffect(() => {
    if (isNearEnd) more?.()
  }, [isNearEnd, more])
  return (
    <Drawer
      opened={Boolean(id)}
      onClose={() => open(undefined)}
      position="right"
      size={500}
      closeButtonProps={{ 'aria-label': says.close }}
      title={
        <span className={kit.walked} tabIndex={-1} data-autofocus>
          {id && <CopyId value={id} short={shortened(id)} label={says.ids.transaction} />}
          <Walk what={says.what} ids={ids} id={id} open={open}>
            <Share />
          </Walk>
        </span>
      }
    >
      {id && <Content key={id} id={id} />}
    </Drawer>
  )
}

/** The address has the transaction in it: whoever may see it, sees it there. */
function Share() {
  return (
    <CopyButton value={location.href}>
      {({ copied, copy }) => {
        const label = copied ? says.linkCopied : says.copyLink
        const Icon = copied ? IconCheck : IconLink
        return (
          <Tooltip label={label}>
            <ActionIcon aria-label={label} onClick={copy}>
              <Icon size={17} stroke={1.8} />
            </ActionIcon>
          </Tooltip>
        )
      }}
    </CopyButton>
  )
}

function Content({ id }: { id: string }) {
  const { queries } = useKhata()
  const { wallet } = useChosenWallet()
  const [isRaw, setRaw] = useState(false)
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/transactions/{transaction_id}/receipt',
    { params: { path: { wallet_id: wallet.id, transaction_id: id } } },
  )
  if (error && !data)
    return (
      <div className={s.section}>
        <Failed what={says.notLoaded} error={error} onRetry={() => void refetch()} />
      </div>
    )
  if (!data)
    return (
      <div className={s.section} role="status">
        <span className="vh">{says.loading}</span>
        <RowSkeletons rows={5} />
      </div>
    )
  const parts = { receipt: data, zone: wallet.time_zone }
  return (
    <>
      <Figures {...parts} />
      <Entries {...parts} />
      <Happened {...parts} />
      <Details {...parts} />
      <Chain {...parts} />
      {isRaw && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable
        <pre className={s.raw} tabIndex={0} aria-label={says.json.label}>
          {JSON.stringify(data, null, 2)}
        </pre>
      )}
      <div className={s.foot}>
        <Refund charge={data.transaction} />
        <Button variant="default" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
          {isRaw ? says.json.hide : says.json.show}
        </Button>
      </div>
    </>
  )
}
