import { IconClockHour4 } from '@tabler/icons-react'
import { count, money, plural } from '@/format/numbers'
import { day } from '@/format/times'
import { useKhata, useUsageAnalytics } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { BalanceTrend } from '@/ui/charts'
import { Coin, CopyId, Guilloche, shortened, Tooltip } from '@/ui/kit'
import s from './balance.module.css'

const PARTS = [
  { name: 'Available', field: 'available_credits', says: 'Can be spent now' },
  { name: 'Pending', field: 'pending_credits', says: 'Paid, waiting for the bank to confirm' },
  { name: 'Reserved', field: 'reserved_credits', says: 'Held for work in progress' },
  { name: 'Locked', field: 'locked_credits', says: 'On hold for review' },
] as const

// So much room is kept while it is not known how long it lasts.
const A_WHILE = 10

/** What there is, what it is worth, how long it lasts, and how it went. */
export function BalanceCard() {
  const { wallet } = useChosenWallet()
  const { summary } = useUsageAnalytics(wallet.id)
  return (
    <section className={s.card} aria-label="Balance">
      <div className={s.lines}>
        <Guilloche />
      </div>
      <div className={s.top}>
        <span>Available balance</span>
        <CopyId value={wallet.id} short={shortened(wallet.id)} label="wallet ID" />
      </div>
      <div className={s.main}>
        <div>
          <div className={s.figure}>
            <Coin size={34} tone="light" />
            <span data-testid="balance">{count(wallet.available_credits)}</span>
            <span className="vh"> credits</span>
          </div>
          <p className={s.worth}>
            Worth <b>{summary ? money(summary.available_worth) : '—'}</b>
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

function lasting(days: number | null): string {
  if (days === null) return 'Nothing is being used'
  return days === 0
    ? 'Lasts less than a day at this week’s pace'
    : `Lasts about ${plural(days, 'day')} at this week’s pace`
}

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
        {enabled && <span>Auto-recharge below {count(threshold_credits)}</span>}
        <span>Today</span>
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
        {PARTS.map(({ name, field }) => (
          <i key={name} data-part={name} style={{ flexGrow: Math.max(0, wallet[field]) }} />
        ))}
      </div>
      <dl className={s.legend}>
        {PARTS.map(({ name, field, says }) => (
          <div key={name}>
            <dt>
              <Tooltip label={says} onTouch withinPortal={false}>
                <button type="button" className={s.part}>
                  <i data-part={name} aria-hidden />
                  {name}
                  <span className="vh">: {says}</span>
                </button>
              </Tooltip>
            </dt>
            <dd>{count(wallet[field])}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
