import { Link } from '@tanstack/react-router'
import { count, wholeMoney } from '@/format/numbers'
import { useChosenWallet } from '@/session/wallet'
import { Card, kit, Meter, Pill } from '@/ui/kit'
import { says } from '../messages'

/** Whether the wallet recharges itself, when and by how much. */
export function RechargeSummary() {
  const { wallet } = useChosenWallet()
  const { enabled, threshold_credits, amount, monthly_limit, charged_this_month, state } =
    wallet.auto_recharge
  return (
    <Card
      title={says.recharge.title}
      right={
        <Pill {...(enabled ? { tone: 'ok' as const } : {})}>
          {enabled ? says.recharge.on : says.recharge.off}
        </Pill>
      }
    >
      {enabled ? (
        <>
          <dl className={kit.facts}>
            <div>
              <dt>{says.recharge.below}</dt>
              <dd>{count(threshold_credits)}</dd>
            </div>
            <div>
              <dt>{says.recharge.buy}</dt>
              <dd>{wholeMoney(amount)}</dd>
            </div>
            <div>
              <dt>{says.recharge.monthly}</dt>
              <dd>{says.recharge.limit(charged_this_month, monthly_limit)}</dd>
            </div>
          </dl>
          {monthly_limit !== null && charged_this_month !== null && (
            <Meter used={charged_this_month} limit={monthly_limit} label={says.recharge.meter} />
          )}
        </>
      ) : (
        <p className={kit.said}>
          {state === 'disabled' ? says.recharge.stopped : says.recharge.notByThemselves}
          <Link to="/org/billing/wallet" className={kit.link}>
            {says.recharge.setUp}
          </Link>
        </p>
      )}
    </Card>
  )
}
