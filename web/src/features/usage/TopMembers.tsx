import { Link } from '@tanstack/react-router'
import { count, share } from '@/format/numbers'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Avatar, Card, ExportCsv, Failed, kit, RowSkeletons } from '@/ui/kit'
import { says } from './messages'
import s from './usage.module.css'
import { usePeriod } from './usePeriod'

const SHOWN = 5

export function TopMembers() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { from, csvUrl } = usePeriod()
  const { data, error, refetch } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/team', {
    params: { path: { wallet_id: wallet.id }, query: { from, limit: SHOWN } },
  })
  return (
    <Card
      title={says.members.title}
      right={<ExportCsv href={csvUrl('team')} of={says.members.title} />}
    >
      {error && !data ? (
        <Failed what={says.members.notLoaded} error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowSkeletons rows={4} />
      ) : data.data.length === 0 ? (
        <p className={kit.said}>{says.members.nobody}</p>
      ) : (
        <ul>
          {data.data.map(({ member_id, name, credits_used, percentage }) => {
            const shown = name ?? member_id ?? says.members.platform
            return (
              <li key={member_id ?? ''} className={s.item}>
                <Avatar name={shown} size={28} />
                {member_id ? (
                  <Link
                    to="/org/billing/wallet"
                    search={{ member: member_id }}
                    className={s.memberName}
                  >
                    {shown}
                  </Link>
                ) : (
                  <b>{shown}</b>
                )}
                <span className={s.value}>
                  {count(credits_used)}
                  <small>{share(percentage)}</small>
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </Card>
  )
}
