import { IconBulb } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { share } from '@/format/numbers'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { kit } from '@/ui/kit'
import { says } from './messages'
import s from './usage.module.css'
import { usePeriod } from './usePeriod'

/** The one thing that stands out, as the server finds it, and what can be done. Often nothing does. */
export function Insight() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { from } = usePeriod()
  const may = useMay('budgets:write')
  const { data, isPending } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/insight', {
    params: { path: { wallet_id: wallet.id }, query: { from } },
  })
  const found = data?.insight
  // Its room is kept, so that what is below stays where it is.
  if (isPending) return <div className={s.insight} aria-hidden />
  if (!found) return null
  const { member, hours, risen_credits } = found
  return (
    <section className={s.insight} aria-label={says.insight.label}>
      <IconBulb size={18} stroke={1.8} aria-hidden />
      <p>
        <b>{featureName(found.feature)}</b>
        {risen_credits === null
          ? says.insight.largest(share(found.percentage))
          : says.insight.risen(risen_credits, found.risen_percent)}
        {member && says.insight.member(member.name ?? member.member_id, share(member.percentage))}
        {hours && says.insight.hours(hours)}
      </p>
      {may && (
        <Link to="/org/team" search={{ limit: found.feature }} className={kit.link}>
          {says.insight.limit}
        </Link>
      )}
    </section>
  )
}
