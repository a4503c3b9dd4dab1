import { Button } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { count, money, wholeMoney } from '@/format/numbers'
import { usePacks } from '@/react'
import { Card, CardSkeleton, Coin, Failed, kit } from '@/ui/kit'
import s from './quick.module.css'

const QUICK = [15_000, 50_000, 100_000]

/** Three packs, each with all that is paid for it. Paying goes through the checkout. */
export function QuickRecharge() {
  const { packs, error, refetch } = usePacks()
  const navigate = useNavigate()
  const [packId, setPackId] = useState<string>()
  const name = useId()
  if (!packs) {
    return error ? (
      <Failed what="The packs could not be loaded." error={error} onRetry={() => void refetch()} />
    ) : (
      <CardSkeleton rows={3} />
    )
  }
  const offered = packs.filter(({ amount }) => QUICK.includes(amount))
  const chosen = offered.find(({ id }) => id === packId) ?? offered[1] ?? packs[0]
  return (
    <Card title="Quick recharge" className={s.card}>
      <div className={s.packs} role="radiogroup" aria-label="Pack">
        {offered.map((pack) => (
          <label key={pack.id} className={s.pack} data-on={pack === chosen || undefined}>
            <input
              type="radio"
              name={name}
              checked={pack === chosen}
              onChange={() => setPackId(pack.id)}
            />
            <span className={s.dot} aria-hidden />
            <span className={s.amount}>{wholeMoney(pack.amount)}</span>
            <span className={s.credits}>
              {pack.bonus_credits > 0 && (
                <span className={s.bonus}>+{count(pack.bonus_credits)} bonus</span>
              )}
              <span>{count(pack.total_credits)}</span>
              <Coin size={14} />
            </span>
          </label>
        ))}
      </div>
      <Button
        size="md"
        fullWidth
        mt="auto"
        disabled={!chosen}
        onClick={() =>
          void navigate({
            to: '/org/billing/add-funds',
            search: chosen ? { pack: chosen.id } : {},
          })
        }
      >
        {chosen ? `Pay ${money(chosen.total_payable)}` : 'Pay'}
      </Button>
      <div className={s.fine}>
        <span>Includes 2.4% fee and 18% GST</span>
        <Link className={kit.link} to="/org/billing/add-funds">
          More options
        </Link>
      </div>
    </Card>
  )
}
