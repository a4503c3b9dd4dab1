import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { Problem } from '@/api/problem'
import { CopyId, Notice } from '@/ui/kit'
import s from '../funds.module.css'
import { says } from '../messages'
import type { CheckoutState } from '../useCheckout'

/** Why it did not work: what happened, what did not happen, and what now. All typed is kept. */
export function Trouble({ checkout }: { checkout: CheckoutState }) {
  const { phase, order, problem, pay, startOver, method } = checkout
  const notice = useRef<HTMLDivElement>(null)
  const isTrouble =
    phase === 'failed' || phase === 'blocked' || phase === 'unknown' || problem !== null
  useEffect(() => {
    if (isTrouble) notice.current?.focus()
  }, [isTrouble])
  if (!isTrouble) return null
  if (phase === 'blocked') {
    return (
      <div className={s.trouble}>
        <Notice tone="warn" title={says.trouble.blocked} ref={notice}>
          <p>{says.trouble.blockedText}</p>
        </Notice>
      </div>
    )
  }
  if (phase === 'unknown') {
    return (
      <div className={s.trouble} data-testid="payment-unknown">
        <Notice
          tone="bad"
          title={says.trouble.noAnswer}
          ref={notice}
          actions={
            <Button size="xs" onClick={pay}>
              {says.trouble.again}
            </Button>
          }
        >
          <p>{says.trouble.noAnswerText}</p>
          <Request problem={problem} />
        </Notice>
      </div>
    )
  }
  if (problem?.code === 'IDEMPOTENCY_KEY_REUSED') {
    return (
      <div className={s.trouble}>
        <Notice
          tone="warn"
          title={says.trouble.sentBefore}
          ref={notice}
          actions={
            <Button component={Link} to="/org/billing/wallet" size="xs">
              {says.wallet}
            </Button>
          }
        >
          <p>{says.trouble.sentBeforeText}</p>
          <Request problem={problem} />
        </Notice>
      </div>
    )
  }
  if (problem) {
    return (
      <div className={s.trouble}>
        <Notice tone="bad" title={says.trouble.noOrder} ref={notice}>
          <p>{says.trouble.noOrderText(problem.detail)}</p>
          <Request problem={problem} />
        </Notice>
      </div>
    )
  }
  const other = method === 'upi' ? ('debit' as const) : ('upi' as const)
  return (
    <div className={s.trouble} data-testid="payment-failed">
      <Notice
        tone="bad"
        title={says.trouble.failed}
        ref={notice}
        actions={
          <>
            <Button size="xs" onClick={() => startOver()}>
              {says.trouble.again}
            </Button>
            <Button size="xs" variant="default" onClick={() => startOver(other)}>
              {other === 'debit' ? says.trouble.byCard : says.trouble.byUpi}
            </Button>
          </>
        }
      >
        <p>{says.trouble.failedText(order?.failure?.message ?? says.trouble.declined)}</p>
        {order && <CopyId value={order.id} label={says.orderId} />}
        {order?.failure && <p className="mono">{says.code(order.failure.code)}</p>}
      </Notice>
    </div>
  )
}

/** By which whoever runs the platform finds what was asked. */
function Request({ problem }: { problem: Problem | null }) {
  if (!problem?.requestId) return null
  return <CopyId value={problem.requestId} label={says.trouble.requestId} />
}
