import { Link } from '@tanstack/react-router'
import { count, wholeMoney } from '@/format/numbers'
import { useChosenWallet } from '@/session/wallet'
import { Card, kit, Pill } from '@/ui/kit'

/** Whether the wallet recharges itself, when and by how much. */
export function RechargeSummary() {
  const { wallet } = useChosenWallet()
  const { enabled, threshold_credits, amount, monthly_limit, state } = wallet.auto_recharge
  return (
    <Card
      title="Auto-recharge"
      right={<Pill {...(enabled ? { tone: 'ok' as const } : {})}>{enabled ? 'On' : 'Off'}</Pill>}
    >
      {enabled ? (
        <dl className={kit.facts}>
          <div>
            <dt>When balance falls below</dt>
            <dd>{count(threshold_credits)}</dd>
          </div>
          <div>
            <dt>Buy</dt>
            <dd>{wholeMoney(amount)}</dd>
          </div>
          <div>
            <dt>Monthly limit</dt>
            <dd>{monthly_limit === null ? 'None' : wholeMoney(monthly_limit)}</dd>
          </div>
        </dl>
      ) : (
        <p className={kit.said}>
          {state === 'disabled'
            ? 'It was turned off after failed debits. '
            : 'Credits are not bought by themselves. '}
          <Link to="/org/billing/wallet" className={kit.link}>
            Set it up
          </Link>
        </p>
      )}
    </Card>
  )
}
