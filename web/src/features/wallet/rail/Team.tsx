import { Link } from '@tanstack/react-router'
import { count } from '@/format/numbers'
import { month, monthStart } from '@/format/times'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Avatar, Card, Failed, kit, Meter, RowSkeletons } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import { says } from '../messages'
import s from './rail.module.css'

const SHOWN = 6

/** Who used how much of this month's credits. */
export function Team() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const now = useNow()
  const maySeeLimits = useMay('members:read')
  const limitOf = useLimits()
  const { data, error, refetch } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/team', {
    params: {
      path: { wallet_id: wallet.id },
      query: { from: monthStart(now, wallet.time_zone), limit: SHOWN },
    },
  })
  return (
    <Card
      title={says.team.title(month(new Date(now).toISOString(), wallet.time_zone))}
      right={
        maySeeLimits && (
          <Link to="/org/team" className={kit.link}>
            {says.team.limits}
          </Link>
        )
      }
    >
      {error && !data ? (
        <Failed what={says.team.notLoaded} error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowSkeletons rows={4} />
      ) : data.data.length === 0 ? (
        <p className={s.say}>{says.team.nobody}</p>
      ) : (
        data.data.map(({ member_id, name, role, credits_used, count: charges }) => {
          const shown = name ?? member_id ?? says.team.platform
          const limit = member_id === null ? undefined : limitOf?.(member_id)
          return (
            <div key={member_id ?? ''} className={s.member}>
              <Avatar name={shown} size={28} />
              <div>
                <b>{shown}</b>
                <small>
                  {role ? featureName(role.toUpperCase()) : says.team.operations(charges)}
                </small>
              </div>
              <span className={s.used}>
                {count(credits_used)}
                {limitOf && (
                  <small>{limit === undefined ? says.team.noLimit : says.team.of(limit)}</small>
                )}
              </span>
              {limit !== undefined && (
                <span className={s.meter}>
                  <Meter used={credits_used} limit={limit} label={says.team.meter(shown)} />
                </span>
              )}
            </div>
          )
        })
      )}
    </Card>
  )
}

/** What a member may use of this wallet's credits in a month, where that is limited and known. */
function useLimits() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const may = useMay('budgets:read')
  const { data } = queries.useQuery(
    'get',
    '/v1/budgets',
    { params: { query: { wallet_id: wallet.id, level: 'member', limit: 200 } } },
    { enabled: may },
  )
  const whole = data?.data.filter(
    ({ ended_at, unit, window, category, feature }) =>
      ended_at === null && unit === 'credits' && window === 'month' && !category && !feature,
  )
  return (
    whole &&
    ((memberId: string) =>
      (
        whole.find(({ subject }) => subject === memberId) ??
        whole.find(({ subject }) => subject === null)
      )?.limit)
  )
}
