import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Notice } from '@/ui/kit'
import { says } from '../messages'
import s from './shell.module.css'

/** Credits have run out: what pauses, what goes on, and the way out. Never a wall. */
export function Exhausted({ path }: { path: string }) {
  const { wallet } = useChosenWallet()
  const mayPay = useMay('payments:write')
  const wasFilled = wallet.lifetime_purchased_credits > 0 || wallet.lifetime_used_credits > 0
  if (wallet.available_credits > 0 || !wasFilled) return null
  return (
    <div className={s.exhausted}>
      <Notice
        tone="warn"
        title={says.exhausted.title}
        actions={
          mayPay &&
          path !== '/org/billing/add-funds' && (
            <Button component={Link} to="/org/billing/add-funds" size="xs">
              {says.addFunds}
            </Button>
          )
        }
      >
        <p>{says.exhausted.text}</p>
      </Notice>
    </div>
  )
}
