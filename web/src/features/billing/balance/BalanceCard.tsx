import { IconClockHour4 } from '@tabler/icons-react'
import { count, money } from '@/format/numbers'
import { day } from '@/format/times'
import { useKhata, useUsageAnalytics } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { BalanceTrend } from '@/ui/charts'
import { Coin, CopyId, Guilloche, shortened, Tooltip } from '@/ui/kit'
import { says } from '../messages'
import s from './balance.module.css'

const PARTS = [
  'available_credits',
  'pending_credits',
  'reserved_credits',
  'locked_credits',
] as const

// So much room is kept while it is not known how long it lasts.
const A_WHILE = 10

/** What there is, what it is worth, how long it lasts, and how it went. */
export function BalanceCard() {
  const { wallet } = useChosenWallet()
  const { summary } = useUsageAnalytics(wallet.id)
  return (
    <section className={s.card} aria-label={says.balance.label}>
      <div className={s.lines}>
        <Guilloche />
      </div>
      <div className={s.top}>
        <span>{says.balance.available}</span>
        <CopyId value={wallet.id} short={shortened(wallet.id)} label={says.balance.walletId} />
      </div>
      <div className={s.main}>
        <div>
          <div className={s.figure}>
            <Coin size={34} tone="light" />
            <span data-testid="balance">{count(wallet.available_credits)}</span>
            <span className="vh">{says.balance.credits}</span>
          </div>
          <p className={s.worth}>
            {says.balance.worth} <b>{summary ? money(summary.available_worth) : '—'}</b>
          </p>
          <span className={s.lasts} data-waiting={!summary || undefined}>
            <IconClockHour4 size={14} stroke={2} aria-hidden />
            {lasting(summary ? summary.days_left : A_WHILE)}
          </span>
        </div>
        <Trend />
      </div>
      <Parts />
    </section>
  )
}

const lasting = (days: number | null) =>
  days === null ? says.balance.unused : says.balance.lasts(days)

function Trend() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { data } = queries.useQuery('get', '/v1/wallets/{wallet_id}/balance-history', {
    params: { path: { wallet_id: wallet.id } },
  })
  const { enabled, threshold_credits } = wallet.auto_recharge
  const points = (data?.data ?? []).map((each) => ({
    id: each.date,
    label: day(each.at, wallet.time_zone),
    balance: each.available_credits,
    bought: each.purchased_credits,
  }))
  return (
    <div className={s.trend}>
      <BalanceTrend points={points} level={enabled ? threshold_credits : null} />
      <div className={s.caption}>
        <span>{points[0]?.label}</span>
        {enabled && <span>{says.balance.recharge(threshold_credits)}</span>}
        <span>{says.balance.today}</span>
      </div>
    </div>
  )
}

/** The four places that credits of the wallet may be in. */
function Parts() {
  const { wallet } = useChosenWallet()
  return (
    <div className={s.parts}>
      <div className={s.bar} aria-hidden>
        {PARTS.map((part) => (
          <i key={part} data-part={part} style={{ flexGrow: Math.max(0, wallet[part]) }} />
        ))}
      </div>
      <dl className={s.legend}>
        {PARTS.map((part) => (
          <div key={part}>
            <dt>
              <Tooltip label={says.parts[part].means} onTouch withinPortal={false}>
                <button type="button" className={s.part}>
                  <i data-part={part} aria-hidden />
                  {says.parts[part].name}
                  <span className="vh">{says.balance.means(says.parts[part].means)}</span>
                </button>
              </Tooltip>
            </dt>
            <dd>{count(wallet[part])}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
