import { memo, type KeyboardEvent } from 'react'
import { count, signed } from '@/format/numbers'
import { time } from '@/format/times'
import { transactionName } from '@/format/words'
import { Avatar, Tile } from '@/ui/kit'
import { State } from '../holds'
import s from './ledger.module.css'
import type { Row } from './rows'

interface Props {
  row: Extract<Row, { kind: 'transaction' }>
  zone: string
  /** Whose it is, as people know them. */
  name: string | null
  isReserved: boolean | undefined
  isOpen: boolean
  isFresh: boolean
  /** How far down the list it stands, in pixels. */
  top: number
  onOpen: (id: string) => void
  onWalk: (event: KeyboardEvent<HTMLElement>) => void
}

const at = (top: number) => ({ transform: `translateY(${top}px)` })

/** One transaction. The whole row is hit through the button of its name. */
export const LedgerRow = memo(function LedgerRow(props: Props) {
  const { row, zone, name, isReserved, isOpen, isFresh, top, onOpen, onWalk } = props
  const { transaction: t } = row
  return (
    <div
      className={s.row}
      style={at(top)}
      role="row"
      aria-rowindex={row.number + 2}
      data-open={isOpen || undefined}
      data-fresh={isFresh || undefined}
    >
      <span role="cell" className={s.when}>
        {time(t.created_at, zone)}
      </span>
      <span role="cell" className={s.what}>
        <Tile of={t} size={26} />
        <button type="button" className={s.hit} onClick={() => onOpen(t.id)} onKeyDown={onWalk}>
          {transactionName(t)}
          <span className={s.sub}>
            {time(t.created_at, zone)}
            {name && ` · ${name}`}
          </span>
        </button>
      </span>
      <span role="cell" className={s.who}>
        {name ? (
          <>
            <Avatar name={name} size={20} />
            <span>{name}</span>
          </>
        ) : (
          <span>—</span>
        )}
      </span>
      <span role="cell" className={s.amount} data-in={t.credits > 0 || undefined}>
        {signed(t.credits)}
      </span>
      <span role="cell" className={s.after}>
        {count(t.balance_after)}
      </span>
      <span role="cell" className={s.state}>
        <State isReserved={isReserved} />
      </span>
    </div>
  )
})

export function DayRow({ row, top }: { row: Extract<Row, { kind: 'day' }>; top: number }) {
  return (
    <div className={s.day} style={at(top)} role="row">
      <span role="cell">{row.heading}</span>
      <span role="cell">{row.change !== null && signed(row.change)}</span>
    </div>
  )
}
