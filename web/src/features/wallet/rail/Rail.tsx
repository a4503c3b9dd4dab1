import { useMay } from '@/session/session'
import { AutoRecharge } from './AutoRecharge'
import { Console } from './Console'
import s from './rail.module.css'
import { Team } from './Team'

/** What stands beside the ledger. */
export function Rail() {
  const mayPay = useMay('payments:read')
  const mayUse = useMay('wallets:consume')
  return (
    <aside className={s.rail} aria-label="About this wallet">
      {mayUse && <Console />}
      {mayPay && <AutoRecharge />}
      <Team />
    </aside>
  )
}
