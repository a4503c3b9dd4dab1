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
import s from '../team.module.css'
import { LIMIT_WORDS } from '../words'
import { BudgetForm } from './BudgetForm'
import { useBudgetChange } from './useBudgetChange'
import { AT_LIMIT, subjectOf, whatOf, WINDOWS } from './words'

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
      Add limit
    </Button>
  )
  const actions: Column<Budget> = {
    id: 'actions',
    title: <span className="vh">Actions</span>,
    isFigure: true,
    cell: (budget) =>
      may && (
        <span className={s.actions}>
          <Tooltip label="End">
            <ActionIcon aria-label="End limit" onClick={() => setEnded(budget)}>
              <IconTrash size={16} stroke={1.8} />
            </ActionIcon>
          </Tooltip>
        </span>
      ),
  }
  return (
    <Card title="Limits" padded={false} right={rows && rows.length > 0 && add}>
      {problem && !change.isPending && (
        <div className={s.refused}>
          <Notice tone="bad" title={LIMIT_WORDS.refused}>
            <p>{Object.values(problem.errors)[0] ?? problem.detail}</p>
          </Notice>
        </div>
      )}
      <Table
        key={change.failureCount}
        label="Limits"
        columns={[...columnsWith(nameOf, now, may ? change : null), actions]}
        rows={rows
          ?.filter(({ ended_at }) => ended_at === null)
          .map((budget) => asked(budget, change))}
        idOf={({ id }) => id}
        empty={
          <Empty title="No limits yet" action={add}>
            A limit holds in the very moment of a charge: the organisation, a team, a member or a
            key can never use more, whatever runs at the same time.
          </Empty>
        }
        {...list}
      />
      <BudgetForm
        isOpen={isOpen || feature !== undefined}
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
    title: 'Who',
    cell: (budget) => (
      <span className={s.two}>
        {budget.name ?? subjectOf(budget, nameOf)}
        {budget.name && <small>{subjectOf(budget, nameOf)}</small>}
      </span>
    ),
  },
  { id: 'what', title: 'Of what', isWide: true, cell: whatOf },
  {
    id: 'used',
    title: 'Used',
    cell: ({ used, limit, used_by }) => (
      <span className={s.meter}>
        <span>
          {count(used)} <span className={kit.muted}>of {count(limit)}</span>
          {used_by && <span className={kit.muted}> by {nameOf(used_by)}</span>}
        </span>
        <Meter used={used} limit={limit} label="Used of the limit" />
      </span>
    ),
  },
  {
    id: 'limit',
    title: 'Limit',
    cell: (budget) =>
      change ? (
        <Editable
          label={LIMIT_WORDS.of(subjectOf(budget, nameOf))}
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
    title: 'Resets',
    isWide: true,
    cell: ({ window, resets_at }) =>
      resets_at ? (
        <span className={s.two}>
          {WINDOWS[window]}
          <small>in {until(resets_at, now)}</small>
        </span>
      ) : (
        'Never'
      ),
  },
  {
    id: 'then',
    title: 'At the limit',
    isWide: true,
    cell: (budget) =>
      change ? (
        <Select
          size="xs"
          w={168}
          aria-label={LIMIT_WORDS.then(subjectOf(budget, nameOf))}
          data={Object.entries(AT_LIMIT).map(([value, label]) => ({ value, label }))}
          value={budget.on_limit}
          onChange={(chosen) =>
            change.mutate({ budget, on_limit: (chosen ?? budget.on_limit) as Budget['on_limit'] })
          }
          allowDeselect={false}
        />
      ) : (
        AT_LIMIT[budget.on_limit]
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
      toast('Limit ended', 'Charges are no longer held to it.')
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['get', PATH] }),
  })
  return (
    <Confirm
      isOpen={budget !== null}
      close={close}
      title="End this limit?"
      act="End limit"
      onAct={() => {
        if (budget) end.mutate(budget.id)
      }}
      isPending={end.isPending}
      error={end.error}
    >
      <p>
        {budget && subjectOf(budget, nameOf)} may then use as much as the balance and the other
        limits allow.
      </p>
    </Confirm>
  )
}
