import { useEffect, useRef, useState } from 'react'
import { count, money, plural, wholeMoney } from '../../format/numbers'
import { usePacks } from '../hooks/useAddFunds'
import { useLowBalance } from '../hooks/useLowBalance'
import { useWallet } from '../hooks/useWallet'
import './embed.css'

interface Props {
  walletId: string
  /** Called with the pack that was chosen: lead to your checkout, or make an order. */
  onAddFunds: (packId: string) => void
}

const OFFERED = 3

/** Opens once each time that the balance falls to its level, with what it takes to fill it again. */
export function LowBalanceModal({ walletId, onAddFunds }: Props) {
  const { wallet } = useWallet(walletId)
  const { isNew, settle } = useLowBalance(wallet)
  const { packs = [] } = usePacks()
  const [chosen, setChosen] = useState<string>()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isNew && !dialog.current?.open) dialog.current?.showModal()
  }, [isNew])
  const offered = packs.slice(0, OFFERED)
  const pack = offered.find(({ id }) => id === chosen) ?? offered[1] ?? offered[0]
  return (
    <dialog ref={dialog} className="khata-modal" aria-labelledby="khata-low" onClose={settle}>
      <h2 id="khata-low" tabIndex={-1}>
        {plural(wallet?.available_credits ?? 0, 'credit')} left
      </h2>
      <p>If credits run out, premium features pause. Everything else keeps working.</p>
      <div role="radiogroup" aria-label="Pack" className="khata-packs">
        {offered.map(({ id, amount, total_credits }) => (
          <label key={id} data-on={id === pack?.id || undefined}>
            <input
              type="radio"
              name="khata-pack"
              checked={id === pack?.id}
              onChange={() => setChosen(id)}
            />
            <b>{wholeMoney(amount)}</b>
            <span>{count(total_credits)} credits</span>
          </label>
        ))}
      </div>
      <div className="khata-actions">
        <button
          type="button"
          className="khata-primary"
          disabled={!pack}
          onClick={() => {
            dialog.current?.close()
            if (pack) onAddFunds(pack.id)
          }}
        >
          {pack ? `Add funds, ${money(pack.total_payable)}` : 'Add funds'}
        </button>
        <button type="button" onClick={() => dialog.current?.close()}>
          Remind me later
        </button>
      </div>
    </dialog>
  )
}
