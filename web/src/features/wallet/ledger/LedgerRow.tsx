import type { CSSProperties, KeyboardEvent } from 'react'
import { count, signed } from '@/format/numbers'
import { time } from '@/format/times'
import { transactionName } from '@/format/words'
import { useMemberName } from '@/session/members'
import { Avatar, Tile } from '@/ui/kit'
import { State } from '../holds'
import s from './ledger.module.css'
import type { Row } from './rows'

interface Props {
  row: Extract<Row, { kind: 'transaction' }>
  zone: string
  isOpen: boolean
  isFresh: boolean
  style: CSSProperties
  onOpen: (id: string) => void
  onWalk: (event: KeyboardEvent<HTMLElement>) => void
}

/** One transaction. The whole row is hit through the button of its name. */
export function LedgerRow({ row, zone, isOpen, isFresh, style, onOpen, onWalk }: Props) {
  const { transaction: t } = row
  const nameOf = useMemberName()
  const name = t.member_id ? nameOf(t.member_id) : null
  return (
    <div
      className={s.row}
      style={style}
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
        <State transaction={t} />
      </span>
    </div>
  )
}

export function DayRow({
  row,
  style,
}: {
  row: Extract<Row, { kind: 'day' }>
  style: CSSProperties
}) {
  return (
    <div className={s.day} style={style} role="row">
      <span role="cell">{row.heading}</span>
      <span role="cell">{row.change !== null && signed(row.change)}</span>
    </div>
  )
}
