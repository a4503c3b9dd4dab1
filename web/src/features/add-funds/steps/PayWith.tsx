import { IconBuildingBank, IconCreditCard, IconDeviceMobile, IconWallet } from '@tabler/icons-react'
import s from '../funds.module.css'
import type { CheckoutState, Method } from '../useCheckout'
import { Upi } from './Upi'

interface Way {
  id: Method
  name: string
  hint: string
  /** What will happen after the press. Card numbers and PINs are typed at the gateway, never here. */
  next: string
  Icon: typeof IconWallet
}

const WAYS: Way[] = [
  {
    id: 'upi',
    name: 'UPI',
    hint: 'Fastest',
    next: 'You approve the payment in your UPI app.',
    Icon: IconDeviceMobile,
  },
  {
    id: 'debit',
    name: 'Debit card',
    hint: 'Visa, Mastercard, RuPay',
    next: 'You type the card at the gateway. Its number never comes here.',
    Icon: IconCreditCard,
  },
  {
    id: 'credit',
    name: 'Credit card',
    hint: 'Visa, Mastercard, RuPay, Amex',
    next: 'You type the card at the gateway. Its number never comes here.',
    Icon: IconCreditCard,
  },
  {
    id: 'netbanking',
    name: 'Net banking',
    hint: 'Your bank’s own page',
    next: 'You choose your bank at the gateway and sign in there.',
    Icon: IconBuildingBank,
  },
  {
    id: 'wallet',
    name: 'Wallets',
    hint: 'Paytm, PhonePe, Amazon Pay',
    next: 'You choose your wallet at the gateway.',
    Icon: IconWallet,
  },
]

export function PayWith({ checkout }: { checkout: CheckoutState }) {
  const { method, setMethod } = checkout
  return (
    <fieldset className={s.step}>
      <legend>Pay with</legend>
      <div className={s.methods}>
        {WAYS.map(({ id, name, hint, next, Icon }) => (
          <div key={id} className={s.method} data-on={method === id || undefined}>
            <label className={s.methodHead}>
              <input
                type="radio"
                name="method"
                checked={method === id}
                onChange={() => setMethod(id)}
              />
              <span className={s.dot} aria-hidden />
              <Icon size={19} stroke={1.6} aria-hidden />
              {name}
              <small>{hint}</small>
            </label>
            {method === id && (
              <div className={s.methodBody}>
                {id === 'upi' && <Upi checkout={checkout} />}
                <p>{next}</p>
              </div>
            )}
          </div>
        ))}
      </div>
    </fieldset>
  )
}
