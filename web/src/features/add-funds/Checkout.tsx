import { Button, SegmentedControl } from '@mantine/core'
import { IconFlask, IconLock } from '@tabler/icons-react'
import { useBlocker } from '@tanstack/react-router'
import { Credits, Failed } from '@/ui/kit'
import s from './funds.module.css'
import { says } from './messages'
import { Trouble } from './outcomes/Trouble'
import { Waiting } from './outcomes/Waiting'
import { Amount } from './steps/Amount'
import { Invoice } from './steps/Invoice'
import { PayWith } from './steps/PayWith'
import { Summary } from './Summary'
import type { CheckoutState, Outcome } from './useCheckout'

const OUTCOMES: { value: Outcome; label: string }[] = [
  { value: 'success', label: says.outcomes.success },
  { value: 'fail', label: says.outcomes.fail },
  { value: 'pending', label: says.outcomes.pending },
  { value: 'ask', label: says.outcomes.ask },
]

/** The form, what it comes to, and what became of it. */
export function Checkout({ checkout }: { checkout: CheckoutState }) {
  const { phase, isLocked, missing, quote, isQuoted, amount, minimumAmount, pay } = checkout
  useBlocker({
    // The order that was made comes into this page's own address.
    shouldBlockFn: ({ current, next }) =>
      current.pathname !== next.pathname && !window.confirm(says.leave),
    enableBeforeUnload: isLocked,
    disabled: !isLocked,
  })
  if (phase === 'pending' || phase === 'needs-action' || phase === 'review') {
    return <Waiting checkout={checkout} />
  }
  if (phase === 'unseen' && missing.order) {
    return <Failed what={says.unseen} error={missing.order.error} onRetry={missing.order.retry} />
  }
  if (missing.packs) {
    return <Failed what={says.noPacks} error={missing.packs.error} onRetry={missing.packs.retry} />
  }
  const payButton = (
    <Button
      size="lg"
      fullWidth
      loading={phase === 'paying'}
      disabled={amount < minimumAmount || !isQuoted || phase === 'blocked' || phase === 'unknown'}
      onClick={pay}
      leftSection={<IconLock size={16} stroke={2} />}
    >
      {says.pay(isQuoted ? quote?.total_payable : undefined)}
    </Button>
  )
  return (
    <div className={s.columns}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          pay()
        }}
      >
        <Trouble checkout={checkout} />
        <fieldset className={s.steps} disabled={isLocked}>
          <Amount checkout={checkout} />
          <PayWith checkout={checkout} />
          <Invoice checkout={checkout} />
        </fieldset>
      </form>
      <aside className={s.side} aria-label={says.summary.label}>
        <Summary checkout={checkout}>{payButton}</Summary>
        {checkout.isSimulated && <Simulator checkout={checkout} />}
      </aside>
      <div className={s.mobilePay}>
        <div>
          <b>
            <Credits n={isQuoted ? quote?.total_credits : null} size={14} />
          </b>
          <small>{says.withFee}</small>
        </div>
        <div>{payButton}</div>
      </div>
    </div>
  )
}

/** Plays the customer's bank. It is there only where no money moves. */
function Simulator({ checkout: { outcome, setOutcome, isLocked } }: { checkout: CheckoutState }) {
  return (
    <div className={s.simulator}>
      <b>
        <IconFlask size={15} stroke={2} aria-hidden />
        {says.simulator.title}
      </b>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={says.simulator.label}
        value={outcome}
        onChange={setOutcome}
        disabled={isLocked}
        data={OUTCOMES}
      />
    </div>
  )
}
