import { count, plural, signed } from '@/format/numbers'
import { moment, time } from '@/format/times'
import { featureName, transactionName } from '@/format/words'
import type { Receipt } from '@/api/types'
import { useMemberName } from '@/session/members'
import { categoryOf, Coin, CopyId, Pill, shortened, Tile } from '@/ui/kit'
import { State, useIsReserved } from '../holds'
import s from './drawer.module.css'

interface Props {
  receipt: Receipt
  zone: string
}

/** What it moved, and from which balance to which. */
export function Figures({ receipt: { transaction: t }, zone }: Props) {
  return (
    <div className={s.figures}>
      <div className={s.name}>
        <Tile of={t} size={32} />
        <div>
          <b>{transactionName(t)}</b>
          <small>{moment(t.created_at, zone)}</small>
        </div>
        <State transaction={t} />
      </div>
      <p className={s.amount}>
        <Coin size={25} />
        {signed(t.credits)}
        <span className="vh"> credits</span>
      </p>
      <p className={s.said}>
        Balance went from {count(t.balance_before)} to <b>{count(t.balance_after)}</b>.
      </p>
    </div>
  )
}

/** Its legs. They sum to zero in each unit, or the database would not have taken it. */
export function Entries({ receipt: { transaction: t } }: Props) {
  if (t.entries.length === 0) return null
  return (
    <section className={s.section}>
      <h3>
        Ledger entries <Pill tone="ok">Balanced</Pill>
      </h3>
      <table className={s.entries}>
        <thead>
          <tr>
            <th scope="col">Account</th>
            <th scope="col">Unit</th>
            <th scope="col">Amount</th>
          </tr>
        </thead>
        <tbody>
          {t.entries.map(({ account, unit, amount }) => (
            <tr key={`${account} ${unit}`}>
              <th scope="row">{account}</th>
              <td>{unit === 'CREDIT' ? 'credits' : 'paise'}</td>
              <td>{signed(amount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Who asked, what the price list said, which grants paid, and what stands after it. */
export function Happened({ receipt: { transaction: t, price, lots, caps }, zone }: Props) {
  const nameOf = useMemberName()
  const isReserved = useIsReserved(t)
  return (
    <section className={s.section}>
      <h3>What happened</h3>
      <ol className={s.steps}>
        <li>
          <time>{time(t.created_at, zone)}</time>
          <b>Requested</b>
          <p>{t.member_id ? nameOf(t.member_id) : 'By the platform, for nobody in particular'}</p>
        </li>
        {price && (
          <li>
            <b>Priced from matrix v{price.version}</b>
            <p>
              {featureName(price.feature)}: {plural(price.credits, 'credit')} per{' '}
              {price.per === 1 ? price.unit : `${count(price.per)} ${price.unit}s`}
              {t.quantity !== null && t.quantity !== 1 && `, ${count(t.quantity)} used`}
            </p>
          </li>
        )}
        {caps.map(({ cap, before, after, limit }) => (
          <li key={cap}>
            <b>Counted against the {categoryOf(cap).name} cap</b>
            <p>
              {count(before)} before, {count(after)} after, of {count(limit)} a day
            </p>
          </li>
        ))}
        {lots.length > 0 && (
          <li>
            <b>{t.credits > 0 ? 'Credited to' : 'Drawn from'}</b>
            {lots.map(({ credits, grant }) => (
              <p key={grant.id}>
                {plural(Math.abs(credits), 'credit')} of the {grant.kind} grant{' '}
                <CopyId value={grant.id} short={shortened(grant.id)} label="grant ID" />
              </p>
            ))}
          </li>
        )}
        <li>
          <b>{isReserved ? 'Reserved' : 'Posted'}</b>
          <p>
            {isReserved ? 'Settles when the work is done.' : 'Written once. It cannot be changed.'}
          </p>
        </li>
      </ol>
    </section>
  )
}

export function Details({ receipt: { transaction: t } }: Props) {
  const lines: [string, string | null][] = [
    ['Category', t.category && categoryOf(t.category).name],
    ['Sequence', count(t.sequence)],
    ['Note', t.note ?? null],
  ]
  const ids: [string, string | null][] = [
    ['Idempotency key', t.idempotency_key],
    [t.source ? featureName(t.source.toUpperCase()) : 'Source', t.source_id],
    ['Other wallet', t.counterpart_wallet_id ?? null],
  ]
  return (
    <section className={s.section}>
      <h3>Details</h3>
      <dl className={s.details}>
        {lines.map(([label, said]) => said && <Line key={label} label={label} said={said} />)}
        {ids.map(
          ([label, id]) =>
            id && (
              <Line
                key={label}
                label={label}
                said={<CopyId value={id} label={label.toLowerCase()} />}
              />
            ),
        )}
      </dl>
    </section>
  )
}

function Line({ label, said }: { label: string; said: React.ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{said}</dd>
    </>
  )
}

/** Its place in the chain. `khata verify` checks it with no server. */
export function Chain({ receipt: { transaction: t } }: Props) {
  return (
    <section className={s.section}>
      <h3>Hash chain</h3>
      <dl className={s.chain}>
        <Line label="Before" said={<CopyId value={t.previous_hash} label="hash before" />} />
        <Line label="This" said={<CopyId value={t.hash} label="hash" />} />
      </dl>
    </section>
  )
}
