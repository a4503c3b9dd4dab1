import { Button, Loader } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { Order } from '@/api/types'
import { money } from '@/format/numbers'
import { until } from '@/format/times'
import { CopyId } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import s from '../funds.module.css'
import { says } from '../messages'
import type { CheckoutState } from '../useCheckout'

/** It is with the bank, with the payer or with a reviewer: nothing is granted and nothing is lost. */
export function Waiting({ checkout }: { checkout: CheckoutState }) {
  const { order, phase, vpa, startOver } = checkout
  const now = useNow()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  if (!order) return null
  const isAsked = phase === 'needs-action'
  const url = isAsked ? pageOf(order, vpa) : null
  const { title, text } = isAsked
    ? says.action[order.payment_method]
    : says.waiting[phase as keyof typeof says.waiting]
  return (
    <div className={s.outcome} role="status" data-testid={`payment-${phase}`}>
      <Loader size={34} color="var(--brand)" />
      <h2 tabIndex={-1} ref={heading}>
        {title}
      </h2>
      <p>{isAsked && url === null ? says.noPage(says.providers[order.provider]) : text}</p>
      <dl className={s.receipt}>
        <div>
          <dt>{says.toPay}</dt>
          <dd>{money(order.quote.total_payable)}</dd>
        </div>
        {isAsked && order.payment_method === 'upi' && vpa && (
          <div>
            <dt>{says.from}</dt>
            <dd className="mono">{vpa}</dd>
          </div>
        )}
        <div>
          <dt>{says.order}</dt>
          <dd>
            <CopyId value={order.id} label={says.orderId} />
          </dd>
        </div>
        <div>
          <dt>{isAsked ? says.left : says.openFor}</dt>
          <dd>
            <span role="timer">{until(order.expires_at, now)}</span>
          </dd>
        </div>
      </dl>
      <div className={s.outcomeActions}>
        {url !== null && (
          <Button component="a" href={url} target="_blank" rel="noreferrer" size="md">
            {says.open}
          </Button>
        )}
        {isAsked ? (
          <Button size="md" variant="default" onClick={() => startOver()}>
            {says.cancel}
          </Button>
        ) : (
          <>
            <Button component={Link} to="/org/billing/wallet" size="md" variant="default">
              {says.wallet}
            </Button>
            <Button size="md" variant="subtle" onClick={() => startOver()}>
              {says.startOver}
            </Button>
          </>
        )}
      </div>
      {isAsked && <p className={s.fine}>{says.cancelled}</p>}
    </div>
  )
}

/** The gateway's own page, where it has one; the address to pay from goes along, unseen by servers. */
function pageOf({ checkout: { url }, payment_method }: Order, vpa: string): string | null {
  if (typeof url !== 'string') return null
  return payment_method === 'upi' && vpa ? `${url}#${new URLSearchParams({ vpa }).toString()}` : url
}
