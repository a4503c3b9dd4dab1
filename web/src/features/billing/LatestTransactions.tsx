import { IconArrowRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { signed } from '@/format/numbers'
import { ago } from '@/format/times'
import { transactionName } from '@/format/words'
import { useKhata } from '@/react'
import { useMemberName } from '@/session/members'
import { useChosenWallet } from '@/session/wallet'
import { Card, Empty, Failed, kit, RowSkeletons, Tile } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import s from './billing.module.css'
import { says } from './messages'

const SHOWN = 6

/** The last of what moved. */
export function LatestTransactions() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { data, error, refetch } = queries.useQuery('get', '/v1/wallets/{wallet_id}/transactions', {
    params: { path: { wallet_id: wallet.id }, query: { limit: SHOWN } },
  })
  const transactions = data?.data
  const nameOf = useMemberName()
  const now = useNow()
  return (
    <Card
      title={says.latest.title}
      padded={false}
      right={
        <Link to="/org/billing/wallet" className={kit.link}>
          {says.latest.all} <IconArrowRight size={14} stroke={2} aria-hidden />
        </Link>
      }
    >
      {error && !transactions ? (
        <div className={kit.cardBody}>
          <Failed what={says.latest.notLoaded} error={error} onRetry={() => void refetch()} />
        </div>
      ) : !transactions ? (
        <div className={kit.cardBody}>
          <RowSkeletons rows={SHOWN} />
        </div>
      ) : transactions.length === 0 ? (
        <Empty title={says.latest.none} action={null}>
          {says.latest.empty}
        </Empty>
      ) : (
        <div className={s.rows}>
          {transactions.map((t) => (
            <Link key={t.id} to="/org/billing/wallet" search={{ tx: t.id }} className={s.row}>
              <Tile of={t} />
              <span className={s.name}>
                {transactionName(t)}
                {t.member_id && <small>{nameOf(t.member_id)}</small>}
              </span>
              <span className={s.amount} data-in={t.credits > 0 || undefined}>
                {signed(t.credits)}
              </span>
              <span className={s.when}>{ago(t.created_at, now, wallet.time_zone)}</span>
            </Link>
          ))}
        </div>
      )}
    </Card>
  )
}
