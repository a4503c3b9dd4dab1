import { Button, Loader } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { money } from '@/format/numbers'
import { until } from '@/format/times'
import { CopyId } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import s from '../funds.module.css'
import type { CheckoutState } from '../useCheckout'

const SAYS = {
  pending: {
    title: 'Waiting for your bank',
    text: 'You can leave this page. Credits appear when the bank confirms.',
  },
  'needs-action': {
    title: 'Finish the payment at the gateway',
    text: 'Approve it in your app, or on the gateway’s page. This page follows by itself.',
  },
  review: {
    title: 'The payment is being looked at',
    text: 'It was paid and somebody checks it. Credits appear when it is approved, or the money goes back.',
  },
}

/** It is with the bank, with the payer or with a reviewer: nothing is granted and nothing is lost. */
export function Waiting({ checkout }: { checkout: CheckoutState }) {
  const { order, phase, startOver } = checkout
  const now = useNow()
  const { title, text } = SAYS[phase as keyof typeof SAYS]
  const url = order?.checkout['url']
  return (
    <div className={s.outcome} role="status" data-testid={`payment-${phase}`}>
      <Loader size={34} color="var(--brand)" />
      <h2>{title}</h2>
      <p>{text}</p>
      {order && (
        <dl className={s.receipt}>
          <div>
            <dt>To pay</dt>
            <dd>{money(order.quote.total_payable)}</dd>
          </div>
          <div>
            <dt>Order</dt>
            <dd>
              <CopyId value={order.id} label="order ID" />
            </dd>
          </div>
          <div>
            <dt>Stays open for</dt>
            <dd>{until(order.expires_at, now)}</dd>
          </div>
        </dl>
      )}
      <div className={s.outcomeActions}>
        {phase === 'needs-action' && typeof url === 'string' && (
          <Button component="a" href={url} target="_blank" rel="noreferrer" size="md">
            Open the gateway
          </Button>
        )}
        <Button component={Link} to="/org/billing/wallet" size="md" variant="default">
          View wallet
        </Button>
        <Button size="md" variant="subtle" onClick={startOver}>
          Start over
        </Button>
      </div>
    </div>
  )
}
