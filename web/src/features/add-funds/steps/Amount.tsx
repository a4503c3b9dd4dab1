import { Slider } from '@mantine/core'
import { count, plural, wholeMoney } from '@/format/numbers'
import { Coin, WholeNumber } from '@/ui/kit'
import s from '../funds.module.css'
import type { CheckoutState } from '../useCheckout'

const PAISE = 100
const SLIDER = { to: 10_000, step: 50 }
const POPULAR = 'pro'

/** A pack, or any amount from the minimum on. */
export function Amount({ checkout }: { checkout: CheckoutState }) {
  const { packs, amount, setAmount, minimumAmount, problem } = checkout
  const minimum = wholeMoney(minimumAmount)
  return (
    <fieldset className={s.step}>
      <legend>Amount</legend>
      <div className={s.packs}>
        {packs.map((pack) => (
          <label key={pack.id} className={s.pack} data-on={pack.amount === amount || undefined}>
            <input
              type="radio"
              name="pack"
              checked={pack.amount === amount}
              onChange={() => setAmount(pack.amount)}
              aria-label={`${pack.name}, ${wholeMoney(pack.amount)}, ${plural(pack.total_credits, 'credit')}`}
            />
            <span className={s.packName}>
              {pack.name}
              {pack.id === POPULAR && <span className={s.popular}>Popular</span>}
            </span>
            <span className={s.price}>{wholeMoney(pack.amount)}</span>
            <span className={s.packCredits}>
              <Coin size={14} />
              {count(pack.total_credits)}
            </span>
            <span className={s.bonus} data-none={!pack.bonus_credits || undefined}>
              {pack.bonus_credits ? `${count(pack.bonus_credits)} bonus` : 'No bonus'}
            </span>
          </label>
        ))}
      </div>
      <div className={s.free}>
        <WholeNumber
          label="Or choose an amount"
          value={amount / PAISE || ''}
          onChange={(rupees) => setAmount(Math.round(Number(rupees) * PAISE))}
          prefix="₹"
          inputMode="numeric"
          error={
            amount < minimumAmount
              ? `At least ${minimum}`
              : (problem?.errors['amount'] ?? undefined)
          }
        />
        <div className={s.slider}>
          <Slider
            min={Math.ceil(minimumAmount / PAISE)}
            max={SLIDER.to}
            step={SLIDER.step}
            value={Math.min(SLIDER.to, amount / PAISE)}
            onChange={(rupees) => setAmount(rupees * PAISE)}
            label={null}
            thumbLabel="Amount in rupees"
            size={5}
          />
        </div>
      </div>
    </fieldset>
  )
}
