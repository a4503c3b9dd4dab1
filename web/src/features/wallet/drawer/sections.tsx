import { count, money, signed } from '@/format/numbers'
import { moment } from '@/format/times'
import { transactionName } from '@/format/words'
import type { Receipt } from '@/api/types'
import { Coin, CopyId, Credits, Pill, Tile } from '@/ui/kit'
import { State, useIsReserved } from '../holds'
import s from './drawer.module.css'
import { Line } from './Line'
import { says } from './messages'
import { usePurchase } from './purchase'

export interface SectionProps {
  receipt: Receipt
  zone: string
}

/** What it moved, what that is worth, and from which balance to which. */
export function Figures({ receipt: { transaction: t, worth }, zone }: SectionProps) {
  const { order } = usePurchase(t)
  return (
    <div className={s.figures}>
      <div className={s.name}>
        <Tile of={t} size={32} />
        <div>
          <b>{transactionName(t)}</b>
          <small>{moment(t.created_at, zone)}</small>
        </div>
        <State isReserved={useIsReserved(t)} />
      </div>
      <p className={s.amount}>
        <Coin size={25} />
        {signed(t.credits)}
        <span className="vh">{says.credits}</span>
      </p>
      <p className={s.said}>
        {order ? says.paid(order.quote.total_payable) : worth > 0 && says.worth(worth)} Balance went
        from {count(t.balance_before)} to <b>{count(t.balance_after)}</b>.
      </p>
    </div>
  )
}

/** Its legs, and what those of each unit come to, in and out. */
export function Entries({ receipt: { transaction: t, totals } }: SectionProps) {
  if (t.entries.length === 0) return null
  const isBalanced = totals.every(({ debit, credit }) => debit === credit)
  return (
    <section className={s.section}>
      <h3>
        {says.entries.title} {isBalanced && <Pill tone="ok">{says.entries.balanced}</Pill>}
      </h3>
      <table className={s.entries}>
        <thead>
          <tr>
            <th scope="col">{says.entries.account}</th>
            <th scope="col">{says.entries.debit}</th>
            <th scope="col">{says.entries.credit}</th>
          </tr>
        </thead>
        <tbody>
          {t.entries.map(({ account, unit, amount }) => (
            <tr key={`${account} ${unit}`}>
              <th scope="row">{account}</th>
              <td>{amount > 0 && <Amount unit={unit} of={amount} />}</td>
              <td>{amount < 0 && <Amount unit={unit} of={-amount} />}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {totals.map(({ unit, debit, credit }) => (
            <tr key={unit}>
              <th scope="row">{says.entries.totals[unit] ?? unit}</th>
              <td>
                <Amount unit={unit} of={debit} />
              </td>
              <td>
                <Amount unit={unit} of={credit} />
              </td>
            </tr>
          ))}
        </tfoot>
      </table>
    </section>
  )
}

/** Credits with their coin, or rupees. */
function Amount({ unit, of }: { unit: string; of: number }) {
  return unit === 'INR' ? money(of) : <Credits n={of} size={11} />
}

/** Its place in the chain, as the server has just checked it. */
export function Chain({ receipt: { chain } }: SectionProps) {
  return (
    <section className={s.section}>
      <h3>
        {says.chain.title}{' '}
        {chain.verified ? (
          <Pill tone="ok">{says.chain.verified}</Pill>
        ) : (
          <Pill tone="bad">{says.chain.broken}</Pill>
        )}
      </h3>
      {chain.fault ? (
        <p className={s.fault} role="alert">
          {says.faults[chain.fault]} {says.faultNext}
        </p>
      ) : (
        <p className={s.computed}>{says.chain.computed(chain.sequence)}</p>
      )}
      <dl className={s.chain}>
        <Line label={says.chain.before}>
          <CopyId value={chain.previous_hash} label="hash before" />
        </Line>
        <Line label={says.chain.this}>
          <CopyId value={chain.hash} label="hash" />
        </Line>
      </dl>
    </section>
  )
}
