import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { useMediaQuery } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useLiveEvent } from '@/react'
import { useMemberName } from '@/session/members'
import { useChosenWallet } from '@/session/wallet'
import { useScroller } from '@/ui/scroll'
import { isReserved, useOpenHolds } from '../holds'
import { says as words } from '../messages'
import { useLedgerFilter } from './filter'
import s from './ledger.module.css'
import { DayRow, LedgerRow } from './LedgerRow'
import type { Row } from './rows'

const says = words.ledger

export const COLUMNS = Object.entries(says.columns)
const HEIGHTS = { day: 32, wide: 46, narrow: 60 }
const AHEAD = 40
const NARROW = '(max-width: 63.99em)'

interface RowsProps {
  rows: readonly Row[]
  /** How many there are in all; null where that is not known. */
  total: number | null
  more: (() => void) | null
}

/** Those of the rows that are in sight; the others are only so much height. */
export function Rows({ rows, total, more }: RowsProps) {
  const { wallet } = useChosenWallet()
  const { search, open } = useLedgerFilter()
  const scroller = useScroller()
  const body = useRef<HTMLDivElement>(null)
  const isNarrow = useMediaQuery(NARROW)
  const [margin, setMargin] = useState(0)
  const fresh = useFresh()
  const nameOf = useMemberName()
  const holds = useOpenHolds()
  useEffect(() => {
    const [top, box] = [body.current, scroller.current]
    if (top && box)
      setMargin(top.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop)
  }, [scroller, isNarrow])
  // The heights of all rows are reckoned anew whenever this is another function.
  const keyOf = useCallback((place: number) => rows[place]?.id ?? place, [rows])
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are not memoized
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (place) =>
      rows[place]?.kind === 'day' ? HEIGHTS.day : isNarrow ? HEIGHTS.narrow : HEIGHTS.wide,
    getItemKey: keyOf,
    scrollMargin: margin,
    overscan: 8,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= rows.length - AHEAD) more?.()
  }, [last, rows.length, more])
  useEffect(() => virtual.measure(), [virtual, isNarrow])

  return (
    <div role="table" aria-label={says.label} aria-rowcount={total === null ? -1 : total + 1}>
      <div role="rowgroup" className="vh">
        <div role="row" aria-rowindex={1}>
          {COLUMNS.map(([id, title]) => (
            <span role="columnheader" key={id}>
              {title}
            </span>
          ))}
        </div>
      </div>
      <div ref={body} className={s.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ key, index, start }) => {
          const row = rows[index]
          const top = start - margin
          if (!row) return null
          if (row.kind === 'day') return <DayRow key={key} row={row} top={top} />
          const { member_id } = row.transaction
          return (
            <LedgerRow
              key={key}
              row={row}
              zone={wallet.time_zone}
              name={member_id ? nameOf(member_id) : null}
              isReserved={isReserved(row.transaction, holds)}
              isOpen={search.tx === row.id}
              isFresh={fresh.has(row.id)}
              top={top}
              onOpen={open}
              onWalk={walk}
            />
          )
        })}
      </div>
    </div>
  )
}

/** Those that the stream told of: they light up when they come into the list. */
function useFresh(): ReadonlySet<string> {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())
  useLiveEvent('transaction.created', ({ data }) =>
    setFresh((known) => new Set([...known, (data as { id: string }).id].slice(-50))),
  )
  return fresh
}

/** J, K and the arrows go from row to row. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
  const body = event.currentTarget.closest('[role=rowgroup]')
  if (!step || !body) return
  const hits = [...body.querySelectorAll<HTMLElement>('[role=row] button')]
  const at = hits.indexOf(event.currentTarget)
  hits[Math.max(0, Math.min(hits.length - 1, at + step))]?.focus()
  event.preventDefault()
}
