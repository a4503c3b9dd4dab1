import { useMay } from '@/session/session'
import { says } from '../messages'
import { AutoRecharge } from './AutoRecharge'
import { Console } from './Console'
import s from './rail.module.css'
import { Team } from './Team'

/** What stands beside the ledger, or on tabs of its own where that is narrow. */
export function Rail() {
  const mayPay = useMay('payments:read')
  const mayUse = useMay('wallets:consume')
  return (
    <aside className={s.rail} aria-label={says.rail}>
      <div data-of="recharge" className={s.part}>
        {mayUse && <Console />}
        {mayPay && <AutoRecharge />}
      </div>
      <div data-of="team">
        <Team />
      </div>
    </aside>
  )
}
