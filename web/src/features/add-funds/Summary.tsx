import { IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { count, money } from '@/format/numbers'
import { Coin, Guilloche, Tooltip } from '@/ui/kit'
import s from './funds.module.css'
import type { CheckoutState } from './useCheckout'

/** What one gets and what it costs, line by line as the server reckoned it. */
export function Summary({ checkout, children }: { checkout: CheckoutState; children: ReactNode }) {
  const { quote, isQuoted, isSimulated } = checkout
  const shown = isQuoted ? quote : undefined
  const paise = (n: number | undefined) => (n === undefined ? '—' : money(n))
  return (
    <div className={s.box}>
      <div className={s.get}>
        <Guilloche />
        <span>You get</span>
        <p className={s.credits} data-testid="credits">
          <Coin size={27} tone="light" />
          {count(shown?.total_credits)}
          <span className="vh"> credits</span>
        </p>
        <span>
          {shown &&
            (shown.bonus_credits
              ? `${count(shown.base_credits)} credits plus ${count(shown.bonus_credits)} bonus`
              : `${count(shown.base_credits)} credits`)}
        </span>
      </div>
      <dl className={s.lines} aria-live="polite">
        <Line label="Credits">{paise(shown?.amount)}</Line>
        <Line
          label="GST, 18%"
          hint="CGST 9% and SGST 9% where buyer and seller are in the same State, IGST 18% elsewhere. The invoice shows which."
        >
          {paise(shown?.gst)}
        </Line>
        <Line label="Platform fee, 2.4%" hint="Includes its own GST.">
          {paise(shown?.platform_fee)}
        </Line>
        {shown !== undefined && shown.round_off !== 0 && (
          <Line label="Round-off">{paise(shown.round_off)}</Line>
        )}
      </dl>
      <div className={s.total}>
        <span>Total</span>
        <b data-testid="total">{paise(shown?.total_payable)}</b>
      </div>
      <div className={s.pay}>
        {children}
        <p className={s.fine}>
          {isSimulated
            ? 'The simulator handles the payment. No money moves.'
            : 'The gateway handles the payment. Credits arrive in seconds.'}
        </p>
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
            <button type="button" className={s.hint} aria-label={`${label}: ${hint}`}>
              <IconInfoCircle size={14} stroke={1.8} aria-hidden />
            </button>
          </Tooltip>
        )}
      </dt>
      <dd>{children}</dd>
    </div>
  )
}
