import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useKhata, useLiveEvent, useWalletTransactions } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Empty, Failed, RowSkeletons } from '@/ui/kit'
import { useScroller } from '@/ui/scroll'
import { csvUrl } from './csv'
import { useLedgerFilter } from './filter'
import s from './ledger.module.css'
import { DayRow, LedgerRow } from './LedgerRow'
import { LedgerTools } from './LedgerTools'
import { inDays, type Row } from './rows'
import { says } from '../messages'
import { useHeld } from './useHeld'

const COLUMNS = ['Time', 'Transaction', 'By', 'Credits', 'Balance', 'Status']
const HEIGHTS = { day: 32, wide: 46, narrow: 60 }
const AHEAD = 40
const NARROW = '(max-width: 63.99em)'

/** Every credit in and out, newest first; only the rows in sight are in the page. */
export function Ledger() {
  const { wallet } = useChosenWallet()
  const { asked, isFiltered, clear } = useLedgerFilter()
  const list = useWalletTransactions(wallet.id, asked)
  const changes = useDayChanges(!isFiltered)
  const top = useRef<HTMLDivElement>(null)
  const { shown, waiting, catchUp } = useHeld(
    list.isPlaceholderData ? undefined : list.transactions,
    JSON.stringify(asked),
    top,
  )
  const transactions = shown ?? list.transactions
  const more = list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : null
  const rows = useMemo(
    () => inDays(transactions ?? [], wallet.time_zone, list.dataUpdatedAt, changes),
    [transactions, wallet.time_zone, list.dataUpdatedAt, changes],
  )
  return (
    <section className={s.list} aria-label="Transactions">
      <div ref={top} className={s.top} aria-hidden />
      <div className={s.head}>
        <LedgerTools csvUrl={csvUrl(wallet.id, asked)} />
        <div className={s.columns} aria-hidden>
          {COLUMNS.map((column) => (
            <span key={column}>
              {column}
              {column === 'Transaction' && (
                <Count rows={list.count} isCapped={list.countIsCapped} isFiltered={isFiltered} />
              )}
            </span>
          ))}
        </div>
        <div className={s.waiting} role="status">
          {waiting > 0 && (
            <Button
              size="xs"
              aria-label={`${says.waiting(waiting)}. ${says.showWaiting}`}
              onClick={catchUp}
            >
              {says.waiting(waiting)}
            </Button>
          )}
        </div>
      </div>
      {list.error && !list.transactions ? (
        <div className={s.inset}>
          <Failed
            what="Transactions could not be loaded."
            error={list.error}
            onRetry={() => void list.refetch()}
          />
        </div>
      ) : !list.transactions ? (
        <div className={s.inset} role="status">
          <span className="vh">Loading transactions</span>
          <RowSkeletons rows={8} />
        </div>
      ) : rows.length === 0 && list.hasNextPage ? (
        <Farther more={more} />
      ) : rows.length === 0 ? (
        <Nothing isFiltered={isFiltered} clear={clear} />
      ) : (
        <Rows rows={rows} total={list.count ?? list.transactions.length} more={more} />
      )}
    </section>
  )
}

interface RowsProps {
  rows: readonly Row[]
  total: number
  more: (() => void) | null
}

function Rows({ rows, total, more }: RowsProps) {
  const { wallet } = useChosenWallet()
  const { search, open } = useLedgerFilter()
  const scroller = useScroller()
  const body = useRef<HTMLDivElement>(null)
  const isNarrow = useMediaQuery(NARROW)
  const [margin, setMargin] = useState(0)
  const fresh = useFresh()
  useEffect(() => {
    const [top, box] = [body.current, scroller.current]
    if (top && box)
      setMargin(top.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop)
  }, [scroller, isNarrow])
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are not memoized
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (place) =>
      rows[place]?.kind === 'day' ? HEIGHTS.day : isNarrow ? HEIGHTS.narrow : HEIGHTS.wide,
    getItemKey: (place) => rows[place]?.id ?? place,
    scrollMargin: margin,
    overscan: 8,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= rows.length - AHEAD) more?.()
  }, [last, rows.length, more])
  useEffect(() => virtual.measure(), [virtual, isNarrow, rows])

  return (
    <div role="table" aria-label="Transactions" aria-rowcount={total + 1}>
      <div role="rowgroup" className="vh">
        <div role="row" aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <span role="columnheader" key={column}>
              {column}
            </span>
          ))}
        </div>
      </div>
      <div ref={body} className={s.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ key, index, start }) => {
          const row = rows[index]
          const style = { transform: `translateY(${start - margin}px)` }
          if (!row) return null
          if (row.kind === 'day') return <DayRow key={key} row={row} style={style} />
          return (
            <LedgerRow
              key={key}
              row={row}
              zone={wallet.time_zone}
              isOpen={search.tx === row.id}
              isFresh={fresh.has(row.id)}
              style={style}
              onOpen={open}
              onWalk={walk}
            />
          )
        })}
      </div>
    </div>
  )
}

/** What each of the last days did to the balance; of a filtered list that would mislead. */
function useDayChanges(isWanted: boolean): ReadonlyMap<string, number> {
  const { queries } = useKhata()
  const { wallet } = useChosenWallet()
  const { data } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/balance-history',
    { params: { path: { wallet_id: wallet.id } } },
    { enabled: isWanted },
  )
  return useMemo(
    () => new Map(isWanted ? data?.data.map((day) => [day.date, day.available_change]) : []),
    [data, isWanted],
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

/** Of what is rare a page may be empty, and more of it still be farther down. */
function Farther({ more }: { more: (() => void) | null }) {
  useEffect(() => more?.(), [more])
  return (
    <div className={s.inset} role="status">
      <p className={s.farther}>{says.farther}</p>
      <RowSkeletons rows={8} />
    </div>
  )
}

function Nothing({ isFiltered, clear }: { isFiltered: boolean; clear: () => void }) {
  if (!isFiltered)
    return (
      <Empty title="No transactions yet" action={null}>
        Buy credits, or run a feature in the console: each credit in and out is listed here.
      </Empty>
    )
  return (
    <Empty
      title="No transactions match"
      action={
        <Button variant="default" onClick={clear}>
          Clear filters
        </Button>
      }
    >
      Try a feature name such as “AI summary”, a member, or an ID that starts with txn_.
    </Empty>
  )
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

/** How many are found; of a filtered list, of how many in all. */
function Count({
  rows,
  isCapped,
  isFiltered,
}: {
  rows: number | null
  isCapped: boolean
  isFiltered: boolean
}) {
  const { queries } = useKhata()
  const { wallet } = useChosenWallet()
  const { data } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/transactions',
    { params: { path: { wallet_id: wallet.id }, query: { limit: 1, count: true } } },
    { enabled: isFiltered },
  )
  if (rows === null) return null
  const found = says.counted(rows, isCapped)
  const all = isFiltered ? data?.count : undefined
  return (
    <span className={s.count} data-testid="count">
      {typeof all === 'number' ? says.countedOf(found, all) : found}
    </span>
  )
}
