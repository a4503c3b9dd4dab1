import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Failed, RowSkeletons } from '../kit'
import { says } from './messages'
import { useRowKeys } from './useRowKeys'
import t from './table.module.css'

export interface Column<Row> {
  id: string
  title: ReactNode
  cell: (row: Row) => ReactNode
  /** Figures stand at the right. */
  isFigure?: boolean
  /** What a narrow screen can do without. */
  isWide?: boolean
}

interface Props<Row> {
  /** What the table lists, for those who don't see its heading. */
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[] | undefined
  idOf: (row: Row) => string
  /** What stands here where there is no row. */
  empty: ReactNode
  error?: unknown
  onRetry?: () => void
  /** Asks for what follows, where there is more. */
  more?: (() => void) | undefined
  isLoadingMore?: boolean
  /** Whether J and K go from row to row, of what each row opens. One table of a page may. */
  isWalked?: boolean
}

/** A list as a table: the first column names the row. */
export function Table<Row>(props: Props<Row>) {
  const { label, columns, rows, idOf, empty, error, onRetry, more, isLoadingMore = false } = props
  const body = useRowKeys(props.isWalked ?? false)
  if (error && !rows) {
    return (
      <div className={t.inset}>
        <Failed what={says.notLoaded(label)} error={error} onRetry={onRetry ?? reload} />
      </div>
    )
  }
  if (!rows) {
    return (
      <div className={t.inset} role="status">
        <span className="vh">{says.loading(label)}</span>
        <RowSkeletons rows={5} />
      </div>
    )
  }
  if (rows.length === 0) return empty
  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable */}
      <div className={t.scroll} tabIndex={0} role="region" aria-label={says.asTable(label)}>
        <table className={t.table}>
          <caption className="vh">{label}</caption>
          <thead>
            <tr>
              {columns.map(({ id, title, isFigure, isWide }) => (
                <th key={id} scope="col" data-figure={isFigure} data-wide={isWide}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {rows.map((row) => (
              <tr key={idOf(row)}>
                {columns.map(({ id, cell, isFigure, isWide }, place) =>
                  place === 0 ? (
                    <th key={id} scope="row">
                      {cell(row)}
                    </th>
                  ) : (
                    <td key={id} data-figure={isFigure} data-wide={isWide}>
                      {cell(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more && (
        <div className={t.more}>
          <Button variant="default" loading={isLoadingMore} onClick={more}>
            {says.more}
          </Button>
        </div>
      )}
    </>
  )
}

const reload = () => location.reload()
