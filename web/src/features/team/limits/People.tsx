import { Select } from '@mantine/core'
import { problemIn } from '@/api/problem'
import { count } from '@/format/numbers'
import { until } from '@/format/times'
import { useMay } from '@/session/session'
import { Avatar, Card, Editable, Empty, kit, Meter, Notice } from '@/ui/kit'
import { Table, type Column } from '@/ui/table'
import { useNow } from '@/ui/useNow'
import { choices } from '../choices'
import { says } from '../messages'
import s from '../team.module.css'
import type { Budget, Spender } from './rows'
import { useLimit, type Change } from './useLimit'
import { useSpenders } from './useSpenders'

/** Everybody who uses credits: how much, up to where, and what happens there. Edited in place. */
export function People() {
  const { rows, ...list } = useSpenders()
  const may = { member: useMay('budgets:write'), key: useMay('keys:write') }
  const now = useNow()
  const limit = useLimit()
  const problem = problemIn(limit.error)
  const asked = limit.isPending ? limit.variables : null
  const shown = rows?.map((row) => (row.id === asked?.of.id ? changed(row, asked) : row))
  const change = (row: Spender, to: Omit<Change, 'of'>) => limit.mutate({ of: row, ...to })
  const columns: Column<Spender>[] = [
    {
      id: 'who',
      title: says.columns.who,
      cell: ({ kind, name, detail }) => (
        <span className={s.named}>
          <Avatar name={name} size={28} isKey={kind === 'key'} />
          <span className={s.two}>
            {name}
            <small className={kind === 'key' ? 'mono' : ''}>{detail}</small>
          </span>
        </span>
      ),
    },
    { id: 'used', title: says.columns.used, cell: (row) => <Used row={row} /> },
    {
      id: 'limit',
      title: says.columns.limit,
      cell: (row) =>
        may[row.kind] ? (
          <Editable
            label={says.limit.of(row.name)}
            value={row.limit}
            placeholder={row.shared ? count(row.shared.limit) : says.limit.none}
            onSave={(value) => change(row, { limit: value })}
            isSaving={asked?.of.id === row.id}
            canBeEmpty
          />
        ) : row.top === null ? (
          <span className={kit.muted}>{says.limit.none}</span>
        ) : (
          count(row.top)
        ),
    },
    {
      id: 'resets',
      title: says.columns.resets,
      isWide: true,
      cell: ({ top, window, resetsAt }) =>
        top === null ? (
          '—'
        ) : resetsAt ? (
          <span className={s.two}>
            {says.windows[window]}
            <small>{says.limit.in(until(resetsAt, now))}</small>
          </span>
        ) : (
          says.limit.never
        ),
    },
    {
      id: 'then',
      title: says.columns.then,
      isWide: true,
      cell: (row) => {
        const { limit: own, onLimit } = row
        if (onLimit === null) return '—'
        if (row.kind === 'key' || own === null || !may.member) return says.atLimit[onLimit]
        return (
          <Select
            size="xs"
            w={168}
            aria-label={says.limit.then(row.name)}
            data={choices(says.atLimit)}
            value={onLimit}
            onChange={(chosen) =>
              change(row, { limit: own, onLimit: (chosen ?? onLimit) as Budget['on_limit'] })
            }
            allowDeselect={false}
          />
        )
      },
    },
  ]
  return (
    <Card
      title={says.people.title}
      padded={false}
      right={<span className={kit.muted}>{says.people.note}</span>}
    >
      {problem && !limit.isPending && (
        <div className={s.refused}>
          <Notice tone="bad" title={says.limit.refused}>
            <p>{Object.values(problem.errors)[0] ?? problem.detail}</p>
          </Notice>
        </div>
      )}
      <Table
        key={limit.failureCount}
        label={says.people.title}
        columns={columns}
        rows={shown}
        idOf={({ id }) => id}
        {...list}
        empty={
          <Empty title={says.nobody} action={null}>
            {says.people.empty}
          </Empty>
        }
      />
    </Card>
  )
}

/** The row as it will be, if the server agrees. */
const changed = (row: Spender, { limit, onLimit }: Change): Spender => ({
  ...row,
  limit,
  top: limit ?? row.shared?.limit ?? null,
  onLimit: onLimit ?? row.onLimit ?? (limit === null ? null : 'refuse'),
})

function Used({ row: { name, used, top, shared } }: { row: Spender }) {
  if (used === null) return <span className={kit.muted}>—</span>
  return (
    <span className={s.meter}>
      <span>
        {count(used)}{' '}
        <span className={kit.muted}>
          {top === null
            ? says.people.thisMonth
            : shared
              ? says.limit.shareOfEach(top)
              : says.limit.share(top)}
        </span>
      </span>
      {top !== null && <Meter used={used} limit={top} label={says.limit.usedBy(name)} />}
    </span>
  )
}
