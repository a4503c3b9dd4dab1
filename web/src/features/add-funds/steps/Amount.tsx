import { Slider } from '@mantine/core'
import { count, wholeMoney } from '@/format/numbers'
import { Choice, Coin, WholeNumber } from '@/ui/kit'
import s from '../funds.module.css'
import { says } from '../messages'
import type { CheckoutState } from '../useCheckout'

const PAISE = 100
const SLIDER = { to: 10_000, step: 50 }
const POPULAR = 'pro'

/** A pack, or any amount from the minimum on. */
export function Amount({ checkout }: { checkout: CheckoutState }) {
  const { packs, amount, setAmount, isLocked, minimumAmount, problem } = checkout
  return (
    <fieldset className={s.step}>
      <legend>{says.amount.title}</legend>
      <div className={s.packs}>
        {packs.map((pack) => (
          <Choice
            key={pack.id}
            name="pack"
            isChosen={pack.amount === amount}
            choose={() => setAmount(pack.amount)}
            label={says.amount.pack(pack)}
            className={s.pack}
          >
            <span className={s.packName}>
              {pack.name}
              {pack.id === POPULAR && <span className={s.popular}>{says.amount.popular}</span>}
            </span>
            <span className={s.price}>{wholeMoney(pack.amount)}</span>
            <span className={s.packCredits}>
              <Coin size={14} />
              {count(pack.total_credits)}
            </span>
            <span className={s.bonus} data-none={!pack.bonus_credits || undefined}>
              {says.amount.bonus(pack.bonus_credits)}
            </span>
          </Choice>
        ))}
      </div>
      <div className={s.free}>
        <WholeNumber
          label={says.amount.free}
          value={amount / PAISE || ''}
          onChange={(rupees) => setAmount(Math.round(Number(rupees) * PAISE))}
          prefix="₹"
          inputMode="numeric"
          error={
            amount < minimumAmount
              ? says.amount.atLeast(minimumAmount)
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
            thumbLabel={says.amount.slider}
            size={5}
            disabled={isLocked}
          />
        </div>
      </div>
    </fieldset>
  )
}
