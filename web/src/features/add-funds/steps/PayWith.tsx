import { IconBuildingBank, IconCreditCard, IconDeviceMobile, IconWallet } from '@tabler/icons-react'
import s from '../funds.module.css'
import { says } from '../messages'
import type { CheckoutState, Method } from '../useCheckout'
import { Upi } from './Upi'

const WAYS: readonly { id: Method; Icon: typeof IconWallet }[] = [
  { id: 'upi', Icon: IconDeviceMobile },
  { id: 'debit', Icon: IconCreditCard },
  { id: 'credit', Icon: IconCreditCard },
  { id: 'netbanking', Icon: IconBuildingBank },
  { id: 'wallet', Icon: IconWallet },
]

export function PayWith({ checkout }: { checkout: CheckoutState }) {
  const { method, setMethod } = checkout
  return (
    <fieldset className={s.step}>
      <legend>{says.payWith}</legend>
      <div className={s.methods}>
        {WAYS.map(({ id, Icon }) => (
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
              {says.ways[id].name}
              <small>{says.ways[id].hint}</small>
            </label>
            {method === id && (
              <div className={s.methodBody}>
                {id === 'upi' && <Upi checkout={checkout} />}
                <p>{says.ways[id].next}</p>
              </div>
            )}
          </div>
        ))}
      </div>
    </fieldset>
  )
}
