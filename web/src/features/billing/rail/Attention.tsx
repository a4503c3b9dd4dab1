import { Link } from '@tanstack/react-router'
import { ago } from '@/format/times'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { AlertItem, useAcknowledge } from '@/ui/alerts'
import { Card, Failed, kit, Pill, Quiet, RowSkeletons } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import { says } from '../messages'

const SHOWN = 4

/** What is open, each with its cause, its size and the next step. */
export function Attention() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const now = useNow()
  const may = useMay('wallets:write')
  const acknowledge = useAcknowledge(wallet.id)
  const { data, error, refetch } = queries.useQuery('get', '/v1/wallets/{wallet_id}/alerts', {
    params: { path: { wallet_id: wallet.id }, query: { state: 'open', limit: 200 } },
  })
  const open = data?.data ?? []
  return (
    <Card
      title={says.attention.title}
      padded={false}
      right={
        open.length > 0 && (
          <Pill tone="warn" dot={false}>
            {says.attention.open(open.length)}
          </Pill>
        )
      }
    >
      {error && !data ? (
        <div className={kit.cardBody}>
          <Failed what={says.attention.notLoaded} error={error} onRetry={() => void refetch()} />
        </div>
      ) : !data ? (
        <div className={kit.cardBody}>
          <RowSkeletons rows={1} />
        </div>
      ) : open.length === 0 ? (
        <div className={kit.cardBody}>
          <Quiet>{says.attention.nothing}</Quiet>
        </div>
      ) : (
        <ul className={kit.listBody}>
          {open.slice(0, SHOWN).map((alert) => (
            <AlertItem key={alert.id} alert={alert} zone={wallet.time_zone}>
              <span>{ago(alert.raised_at, now, wallet.time_zone)}</span>
              {may && (
                <button
                  type="button"
                  className={kit.link}
                  onClick={() => acknowledge.mutate(alert.id)}
                >
                  {says.attention.dismiss}
                </button>
              )}
            </AlertItem>
          ))}
          {open.length > SHOWN && (
            <li className={kit.more}>
              <Link to="/org/alerts" className={kit.link}>
                {says.attention.all}
              </Link>
            </li>
          )}
        </ul>
      )}
    </Card>
  )
}
