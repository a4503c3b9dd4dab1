import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { CopyId, Notice } from '@/ui/kit'
import s from '../funds.module.css'
import { says } from '../messages'
import type { CheckoutState } from '../useCheckout'

/** Why it did not work: what happened, what did not happen, and what now. All typed is kept. */
export function Trouble({ checkout }: { checkout: CheckoutState }) {
  const { phase, order, problem, pay, startOver, method, setMethod } = checkout
  const notice = useRef<HTMLDivElement>(null)
  const isTrouble = phase === 'failed' || phase === 'blocked' || problem !== null
  useEffect(() => {
    if (isTrouble) notice.current?.focus()
  }, [isTrouble])
  if (!isTrouble) return null
  if (phase === 'blocked') {
    return (
      <div className={s.trouble}>
        <Notice tone="warn" title="This payment can’t be taken here." ref={notice}>
          <p>
            You have not been charged. Our checks stopped it, which happens to honest payments too.
            Write to whoever runs this platform: they can look and let it through.
          </p>
        </Notice>
      </div>
    )
  }
  if (problem) {
    return (
      <div className={s.trouble}>
        <Notice
          tone="bad"
          title={problem.isPassing ? 'No answer yet.' : 'The order was not made.'}
          ref={notice}
          actions={
            problem.isPassing && (
              <Button size="xs" onClick={pay}>
                Try again
              </Button>
            )
          }
        >
          <p>
            {problem.isPassing
              ? 'Whether the order was made is not known. Try again: it is made only once.'
              : `You have not been charged. ${problem.detail}`}
          </p>
          {problem.requestId && <CopyId value={problem.requestId} label="request ID" />}
        </Notice>
      </div>
    )
  }
  const other = method === 'upi' ? ('debit' as const) : ('upi' as const)
  return (
    <div className={s.trouble} data-testid="payment-failed">
      <Notice
        tone="bad"
        title="Payment failed. You have not been charged."
        ref={notice}
        actions={
          <>
            <Button size="xs" onClick={startOver}>
              Try again
            </Button>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setMethod(other)
                startOver()
              }}
            >
              {other === 'debit' ? 'Pay by card instead' : 'Pay by UPI instead'}
            </Button>
          </>
        }
      >
        <p>{order?.failure?.message ?? 'The bank declined the payment.'} No credits were added.</p>
        {order && <CopyId value={order.id} label="order ID" />}
        {order?.failure && <p className="mono">{says.code(order.failure.code)}</p>}
      </Notice>
    </div>
  )
}
