import { ActionIcon, Button, Select } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import type { components } from '@/api/schema'
import { count } from '@/format/numbers'
import { until } from '@/format/times'
import { useKhata } from '@/react'
import { useMemberName } from '@/session/members'
import { useMay } from '@/session/session'
import { Card, Confirm, Editable, Empty, kit, Meter, Notice, toast, Tooltip } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import { useNow } from '@/ui/useNow'
import { choices } from '../choices'
import { says } from '../messages'
import s from '../team.module.css'
import { BudgetForm } from './BudgetForm'
import { subjectOf, whatOf } from './names'
import { useBudgetChange } from './useBudgetChange'

export type Budget = components['schemas']['Budget']

const PATH = '/v1/budgets'

/** What may be used at most, by whom, of what and within which time; and how much is used. */
export function Budgets() {
  const { khata } = useKhata()
  const may = useMay('budgets:write')
  const now = useNow()
  const nameOf = useMemberName()
  const { limit: feature } = useSearch({ from: '/org/team' })
  const navigate = useNavigate({ from: '/org/team' })
  const [isOpen, { open, close }] = useDisclosure(false)
  const change = useBudgetChange()
  const problem = problemIn(change.error)
  const [ended, setEnded] = useState<Budget | null>(null)
  const { rows, ...list } = usePages(['get', PATH, {}], (cursor, signal) =>
    khata.api.GET(PATH, { params: { query: { limit: 100, ...cursor } }, signal }),
  )
  const add = may && (
    <Button size="xs" leftSection={<IconPlus size={15} stroke={2.2} />} onClick={open}>
      {says.budgets.add}
    </Button>
  )
  const actions: Column<Budget> = {
    id: 'actions',
    title: <span className="vh">{says.columns.actions}</span>,
    isFigure: true,
    cell: (budget) =>
      may && (
        <span className={s.actions}>
          <Tooltip label={says.end.short}>
            <ActionIcon aria-label={says.end.act} onClick={() => setEnded(budget)}>
              <IconTrash size={16} stroke={1.8} />
            </ActionIcon>
          </Tooltip>
        </span>
      ),
  }
  return (
    <Card title={says.budgets.title} padded={false} right={rows && rows.length > 0 && add}>
      {problem && !change.isPending && (
        <div className={s.refused}>
          <Notice tone="bad" title={says.limit.refused}>
            <p>{Object.values(problem.errors)[0] ?? problem.detail}</p>
          </Notice>
        </div>
      )}
      <Table
        key={change.failureCount}
        label={says.budgets.title}
        columns={[...columnsWith(nameOf, now, may ? change : null), actions]}
        rows={rows
          ?.filter(({ ended_at }) => ended_at === null)
          .map((budget) => asked(budget, change))}
        idOf={({ id }) => id}
        empty={
          <Empty title={says.budgets.none} action={add}>
            {says.budgets.empty}
          </Empty>
        }
        {...list}
      />
      <BudgetForm
        isOpen={may && (isOpen || feature !== undefined)}
        close={() => {
          close()
          if (feature) void navigate({ search: ({ limit: _, ...known }) => known, replace: true })
        }}
        feature={feature}
      />
      <End budget={ended} close={() => setEnded(null)} />
    </Card>
  )
}

const columnsWith = (
  nameOf: (id: string) => string,
  now: number,
  change: ReturnType<typeof useBudgetChange> | null,
): Column<Budget>[] => [
  {
    id: 'who',
    title: says.columns.who,
    cell: (budget) => (
      <span className={s.two}>
        {budget.name ?? subjectOf(budget, nameOf)}
        {budget.name && <small>{subjectOf(budget, nameOf)}</small>}
      </span>
    ),
  },
  { id: 'what', title: says.columns.what, isWide: true, cell: whatOf },
  {
    id: 'used',
    title: says.columns.used,
    cell: ({ used, limit, used_by }) => (
      <span className={s.meter}>
        <span>
          {count(used)} <span className={kit.muted}>{says.limit.share(limit)}</span>
          {used_by && <span className={kit.muted}>{says.limit.by(nameOf(used_by))}</span>}
        </span>
        <Meter used={used} limit={limit} label={says.limit.used} />
      </span>
    ),
  },
  {
    id: 'limit',
    title: says.columns.limit,
    cell: (budget) =>
      change ? (
        <Editable
          label={says.limit.of(subjectOf(budget, nameOf))}
          value={budget.limit}
          onSave={(limit) => {
            if (limit !== null) change.mutate({ budget, limit })
          }}
          isSaving={change.isPending && change.variables.budget.id === budget.id}
        />
      ) : (
        count(budget.limit)
      ),
  },
  {
    id: 'window',
    title: says.columns.resets,
    isWide: true,
    cell: ({ window, resets_at }) =>
      resets_at ? (
        <span className={s.two}>
          {says.windows[window]}
          <small>{says.limit.in(until(resets_at, now))}</small>
        </span>
      ) : (
        says.limit.never
      ),
  },
  {
    id: 'then',
    title: says.columns.then,
    isWide: true,
    cell: (budget) =>
      change ? (
        <Select
          size="xs"
          w={168}
          aria-label={says.limit.then(subjectOf(budget, nameOf))}
          data={choices(says.atLimit)}
          value={budget.on_limit}
          onChange={(chosen) =>
            change.mutate({ budget, on_limit: (chosen ?? budget.on_limit) as Budget['on_limit'] })
          }
          allowDeselect={false}
        />
      ) : (
        says.atLimit[budget.on_limit]
      ),
  },
]

/** The budget as it will be, if the server agrees. */
function asked(budget: Budget, change: ReturnType<typeof useBudgetChange>): Budget {
  if (!change.isPending || change.variables.budget.id !== budget.id) return budget
  const { limit = budget.limit, on_limit = budget.on_limit } = change.variables
  return { ...budget, limit, on_limit }
}

function End({ budget, close }: { budget: Budget | null; close: () => void }) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const nameOf = useMemberName()
  const end = useMutation({
    mutationFn: (budget_id: string) =>
      khata.api.DELETE('/v1/budgets/{budget_id}', { params: { path: { budget_id } } }),
    onSuccess: () => {
      close()
      toast(says.end.done, says.end.detail)
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['get', PATH] }),
  })
  return (
    <Confirm
      isOpen={budget !== null}
      close={close}
      title={says.end.title}
      act={says.end.act}
      onAct={() => {
        if (budget) end.mutate(budget.id)
      }}
      isPending={end.isPending}
      error={end.error}
    >
      <p>{budget && says.end.text(subjectOf(budget, nameOf))}</p>
    </Confirm>
  )
}
