import { Link } from '@tanstack/react-router'
import { count, plural } from '@/format/numbers'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Avatar, Card, Failed, kit, Meter, RowSkeletons } from '@/ui/kit'
import s from './rail.module.css'

const SHOWN = 6

/** Who used how much of this month's credits. */
export function Team() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const maySeeLimits = useMay('members:read')
  const { data, error, refetch } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/team', {
    params: { path: { wallet_id: wallet.id }, query: { limit: SHOWN } },
  })
  return (
    <Card
      title="Team, last 30 days"
      right={
        maySeeLimits && (
          <Link to="/org/team" className={kit.link}>
            Limits
          </Link>
        )
      }
    >
      {error && !data ? (
        <Failed what="The team could not be loaded." error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowSkeletons rows={4} />
      ) : data.data.length === 0 ? (
        <p className={s.say}>Nobody has used credits in the last 30 days.</p>
      ) : (
        data.data.map(({ member_id, name, role, credits_used, count: charges }) => {
          const shown = name ?? member_id ?? 'The platform itself'
          return (
            <div key={member_id ?? ''} className={s.member}>
              <Avatar name={shown} size={28} />
              <div>
                <b>{shown}</b>
                <small>
                  {role ? featureName(role.toUpperCase()) : plural(charges, 'operation')}
                </small>
              </div>
              <span className={s.used}>{count(credits_used)}</span>
              <span className={s.meter}>
                <Meter
                  used={credits_used}
                  limit={data.total_credits}
                  tone="brand"
                  label={`Part of ${shown} in what all used`}
                />
              </span>
            </div>
          )
        })
      )}
    </Card>
  )
}
