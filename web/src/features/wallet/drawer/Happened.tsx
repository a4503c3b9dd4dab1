import type { ReactNode } from 'react'
import type { Order, Transaction } from '@/api/types'
import { time } from '@/format/times'
import { featureName } from '@/format/words'
import { useMemberName } from '@/session/members'
import { categoryOf, CopyId, shortened } from '@/ui/kit'
import { useIsReserved } from '../holds'
import s from './drawer.module.css'
import { says } from './messages'
import { usePurchase } from './purchase'
import type { SectionProps } from './sections'

const told = says.happened

/** Who asked, what the price list and the rules said, which grants paid, and what stands after it. */
export function Happened({ receipt, zone }: SectionProps) {
  const { transaction: t, price, lots, caps, hold_transaction: held } = receipt
  const by = useRequester(t)
  const { order } = usePurchase(t)
  const isReserved = useIsReserved(t)
  const requested = order?.created_at ?? held?.created_at ?? t.occurred_at ?? t.created_at
  return (
    <section className={s.section}>
      <h3>{told.title}</h3>
      <ol className={s.steps}>
        <Step title={told.requested} at={time(requested, zone)}>
          {by(order)}
        </Step>
        {price && (
          <Step title={told.priced(price.version)}>
            {featureName(price.feature)}: {told.price(price.credits, price.per, price.unit)}
            {t.quantity !== null && t.quantity !== 1 && told.used(t.quantity)}
          </Step>
        )}
        {caps.map(({ cap, before, after, limit }) => (
          <Step key={cap} title={told.capped(categoryOf(cap).name)}>
            {told.cap(before, after, limit)}
          </Step>
        ))}
        {held && (
          <Step title={told.reservedBefore(-held.credits)} at={time(held.created_at, zone)}>
            {told.reservedFor}
          </Step>
        )}
        {order && (
          <Step title={told.risk(order.risk.score)}>{says.decisions[order.risk.decision]}</Step>
        )}
        {lots.length > 0 && (
          <li>
            <b>{t.credits > 0 ? told.credited : told.drawn}</b>
            {lots.map(({ credits, grant }) => (
              <p key={grant.id}>
                {told.lot(credits, grant.kind)}{' '}
                <CopyId value={grant.id} short={shortened(grant.id)} label={says.ids.grant} />
              </p>
            ))}
          </li>
        )}
        <Step title={isReserved ? told.reserved : told.posted} at={time(t.created_at, zone)}>
          {isReserved ? told.settles : told.written}
        </Step>
      </ol>
    </section>
  )
}

function Step({ title, at, children }: { title: string; at?: string; children: ReactNode }) {
  return (
    <li>
      {at && <time>{at}</time>}
      <b>{title}</b>
      <p>{children}</p>
    </li>
  )
}

/** Whose wish it was, in words. */
function useRequester({ member_id }: Transaction) {
  const nameOf = useMemberName()
  return (order: Order | undefined) => {
    if (order?.recharge_number) return told.byRecharge
    return member_id ? nameOf(member_id) : told.byPlatform
  }
}
