import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Notice } from '@/ui/kit'
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
        title="Credits have run out. AI and premium features are paused."
        actions={
          mayPay &&
          path !== '/org/billing/add-funds' && (
            <Button component={Link} to="/org/billing/add-funds" size="xs">
              Add funds
            </Button>
          )
        }
      >
        <p>Members, posts and events keep working.</p>
      </Notice>
    </div>
  )
}
