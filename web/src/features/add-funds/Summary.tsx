import { IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { count, money } from '@/format/numbers'
import { Coin, Failed, Guilloche, Tooltip } from '@/ui/kit'
import s from './funds.module.css'
import { says } from './messages'
import type { CheckoutState } from './useCheckout'

/** What one gets and what it costs, line by line as the server reckoned it. */
export function Summary({ checkout, children }: { checkout: CheckoutState; children: ReactNode }) {
  const { quote, isQuoted, rates, isSimulated, missing } = checkout
  const shown = isQuoted ? quote : undefined
  const paise = (n: number | undefined) => (n === undefined ? '—' : money(n))
  return (
    <div className={s.box}>
      <div className={s.get}>
        <Guilloche />
        <span>{says.summary.get}</span>
        <p className={s.credits} data-testid="credits">
          <Coin size={27} tone="light" />
          {count(shown?.total_credits)}
          <span className="vh">{says.summary.unit}</span>
        </p>
        <span>{shown && says.summary.of(shown)}</span>
      </div>
      <dl className={s.lines} aria-live="polite">
        <Line label={says.summary.credits}>{paise(shown?.amount)}</Line>
        <Line label={says.summary.gst(rates?.gst)} hint={says.summary.gstHint}>
          {paise(shown?.gst)}
        </Line>
        <Line label={says.summary.fee(rates?.fee)} hint={says.summary.feeHint}>
          {paise(shown?.platform_fee)}
        </Line>
        {shown !== undefined && shown.round_off !== 0 && (
          <Line label={says.summary.roundOff}>{paise(shown.round_off)}</Line>
        )}
      </dl>
      <div className={s.total}>
        <span>{says.summary.total}</span>
        <b data-testid="total">{paise(shown?.total_payable)}</b>
      </div>
      <div className={s.pay}>
        {missing.quote && (
          <Failed
            what={says.summary.notReckoned}
            error={missing.quote.error}
            onRetry={missing.quote.retry}
          />
        )}
        {children}
        <p className={s.fine}>{isSimulated ? says.summary.simulated : says.summary.real}</p>
      </div>
    </div>
  )
}

function Line({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className={s.line}>
      <dt>
        {label}
        {hint && (
          <Tooltip label={hint} multiline w={260}>
            <button
              type="button"
              className={s.hint}
              aria-label={says.summary.explained(label, hint)}
            >
              <IconInfoCircle size={14} stroke={1.8} aria-hidden />
            </button>
          </Tooltip>
        )}
      </dt>
      <dd>{children}</dd>
    </div>
  )
}
