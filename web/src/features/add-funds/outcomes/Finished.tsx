import { Button } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { Order } from '@/api/types'
import { money } from '@/format/numbers'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { CopyId } from '@/ui/kit'
import s from '../funds.module.css'
import { says } from '../messages'

/** Credits are there, by the gateway's word. */
export function Finished({ order, again }: { order: Order; again: () => void }) {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const heading = useRef<HTMLHeadingElement>(null)
  // The invoice is written by the worker a moment after the credits.
  const { data: invoice } = queries.useQuery(
    'get',
    '/v1/invoices/{invoice_id}',
    { params: { path: { invoice_id: order.invoice_id ?? '' } } },
    { enabled: order.invoice_id !== null },
  )
  useEffect(() => heading.current?.focus(), [])
  return (
    <div className={s.outcome} role="status" data-testid="payment-done">
      <div className={s.tick} aria-hidden>
        <IconCheck size={30} stroke={2.4} />
      </div>
      <h1 tabIndex={-1} ref={heading}>
        {says.finished.added(order.quote.total_credits)}
      </h1>
      <p>{says.finished.balance(wallet.available_credits)}</p>
      <dl className={s.receipt}>
        <div>
          <dt>{says.finished.paid}</dt>
          <dd>{money(order.quote.total_payable)}</dd>
        </div>
        <div>
          <dt>{says.finished.method}</dt>
          <dd>{says.methods[order.payment_method]}</dd>
        </div>
        {order.payment_id && (
          <div>
            <dt>{says.finished.payment}</dt>
            <dd>
              <CopyId value={order.payment_id} label={says.finished.paymentId} />
            </dd>
          </div>
        )}
        <div>
          <dt>{says.finished.invoice}</dt>
          <dd className="mono">{invoice?.number ?? says.finished.onItsWay}</dd>
        </div>
      </dl>
      <div className={s.outcomeActions}>
        <Button component={Link} to="/org/billing/wallet" size="md">
          {says.finished.wallet}
        </Button>
        {invoice && (
          <Button
            component="a"
            href={`/v1/invoices/${invoice.id}.pdf`}
            download
            size="md"
            variant="default"
          >
            {says.finished.download}
          </Button>
        )}
        <Button size="md" variant="subtle" onClick={again}>
          {says.finished.more}
        </Button>
      </div>
    </div>
  )
}
