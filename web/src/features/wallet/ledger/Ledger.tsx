import { useEffect, useMemo, useRef } from 'react'
import { Button } from '@mantine/core'
import { useKhata, useWalletTransactions } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Empty, Failed, RowSkeletons } from '@/ui/kit'
import { Count } from './Count'
import { csvUrl } from './csv'
import { useLedgerFilter } from './filter'
import s from './ledger.module.css'
import { COLUMNS, Rows } from './LedgerRows'
import { LedgerTools } from './LedgerTools'
import { inDays } from './rows'
import { says as words } from '../messages'
import { useHeld } from './useHeld'

const says = words.ledger

type List = ReturnType<typeof useWalletTransactions>

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
  const total = found(list)
  const rows = useMemo(
    () => inDays(transactions ?? [], wallet.time_zone, list.dataUpdatedAt, changes),
    [transactions, wallet.time_zone, list.dataUpdatedAt, changes],
  )
  return (
    <section className={s.list} aria-label={says.label}>
      <div ref={top} className={s.top} aria-hidden />
      <div className={s.head}>
        <LedgerTools csvUrl={csvUrl(wallet.id, asked)} />
        <div className={s.columns} aria-hidden>
          {COLUMNS.map(([id, title]) => (
            <span key={id}>
              {title}
              {id === 'name' && total && <Count {...total} />}
            </span>
          ))}
        </div>
        <div className={s.waiting} role="status">
          {waiting > 0 && (
            <Button size="xs" aria-label={says.showWaiting(waiting)} onClick={catchUp}>
              {says.waiting(waiting)}
            </Button>
          )}
        </div>
      </div>
      {list.error && !list.transactions ? (
        <div className={s.inset}>
          <Failed what={says.notLoaded} error={list.error} onRetry={() => void list.refetch()} />
        </div>
      ) : !list.transactions ? (
        <div className={s.inset} role="status">
          <span className="vh">{says.loading}</span>
          <RowSkeletons rows={8} />
        </div>
      ) : rows.length === 0 && list.hasNextPage && !list.stuck ? (
        <Farther more={list.more} />
      ) : rows.length === 0 && !list.stuck ? (
        <Nothing isFiltered={isFiltered} clear={clear} />
      ) : (
        <Rows rows={rows} total={total && !total.isCapped ? total.rows : null} more={list.more} />
      )}
      {list.stuck && (
        <div className={s.inset}>
          <Failed what={says.stuck} error={list.stuck.error} onRetry={list.stuck.retry} />
        </div>
      )}
    </section>
  )
}

/** How many there are: those that are here, once that is all of them; at least so many before. */
function found({ transactions, hasNextPage, count, countIsCapped }: List) {
  if (!transactions || count === null) return null
  const isWhole = !hasNextPage
  const rows = isWhole ? transactions.length : Math.max(count, transactions.length)
  return { rows, isCapped: countIsCapped && !isWhole }
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
      <Empty title={says.nothingYet} action={null}>
        {says.howTheyCome}
      </Empty>
    )
  return (
    <Empty
      title={says.noMatch}
      action={
        <Button variant="default" onClick={clear}>
          {says.clear}
        </Button>
      }
    >
      {says.tryOther}
    </Empty>
  )
}
