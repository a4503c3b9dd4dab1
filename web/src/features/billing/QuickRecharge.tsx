import { Button } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { count, wholeMoney } from '@/format/numbers'
import { usePacks } from '@/react'
import { Card, CardSkeleton, Choice, Coin, Failed, kit } from '@/ui/kit'
import { says } from './messages'
import s from './quick.module.css'

const QUICK = [15_000, 50_000, 100_000]

/** Three packs, each with all that is paid for it. Paying goes through the checkout. */
export function QuickRecharge() {
  const { packs, rates, error, refetch } = usePacks()
  const navigate = useNavigate()
  const [packId, setPackId] = useState<string>()
  const name = useId()
  if (!packs) {
    return error ? (
      <Failed what={says.quick.notLoaded} error={error} onRetry={() => void refetch()} />
    ) : (
      <CardSkeleton rows={3} />
    )
  }
  const offered = packs.filter(({ amount }) => QUICK.includes(amount))
  const chosen = offered.find(({ id }) => id === packId) ?? offered[1] ?? packs[0]
  return (
    <Card title={says.quick.title} className={s.card}>
      <div className={s.packs} role="radiogroup" aria-label={says.quick.pack}>
        {offered.map((pack) => (
          <Choice
            key={pack.id}
            name={name}
            isChosen={pack === chosen}
            choose={() => setPackId(pack.id)}
            className={s.pack}
          >
            <span className={kit.dot} aria-hidden />
            <span className={s.amount}>{wholeMoney(pack.amount)}</span>
            <span className={s.credits}>
              {pack.bonus_credits > 0 && (
                <span className={s.bonus}>{says.quick.bonus(pack.bonus_credits)}</span>
              )}
              <span>{count(pack.total_credits)}</span>
              <Coin size={14} />
            </span>
          </Choice>
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
        {says.quick.pay(chosen?.total_payable)}
      </Button>
      <div className={s.fine}>
        <span>{rates && says.quick.fine(rates.fee, rates.gst)}</span>
        <Link className={kit.link} to="/org/billing/add-funds">
          {says.quick.more}
        </Link>
      </div>
    </Card>
  )
}
