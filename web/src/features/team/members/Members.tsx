import { ActionIcon, Select } from '@mantine/core'
import { IconUserMinus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import type { Member } from '@/api/types'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { Avatar, Card, Confirm, Empty, Notice, toast, Tooltip } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import s from '../team.module.css'
import { Invite } from './Invite'
import { ROLES } from './roles'

const PATH = '/v1/members'

/** Who belongs to the organization, as what. */
export function Members() {
  const { khata } = useKhata()
  const may = useMay('members:write')
  const [removed, setRemoved] = useState<Member | null>(null)
  const { rows, ...list } = usePages(['get', PATH, {}], (cursor, signal) =>
    khata.api.GET(PATH, { params: { query: { limit: 100, ...cursor } }, signal }),
  )
  const change = useChangeRole()
  const problem = problemIn(change.error)
  const columns: Column<Member>[] = [
    {
      id: 'name',
      title: 'Member',
      cell: ({ name, email, external_id }) => (
        <span className={s.named}>
          <Avatar name={name} size={28} />
          <span className={s.two}>
            {name}
            <small>{email ?? external_id ?? 'Known by charges alone'}</small>
          </span>
        </span>
      ),
    },
    {
      id: 'id',
      title: 'In charges',
      isWide: true,
      cell: ({ external_id, id }) => <span className="mono">{external_id ?? id}</span>,
    },
    {
      id: 'role',
      title: 'Role',
      cell: ({ id, name, role }) =>
        may ? (
          <Select
            size="xs"
            miw={104}
            aria-label={`Role of ${name}`}
            data={ROLES}
            value={change.isPending && change.variables.id === id ? change.variables.role : role}
            onChange={(chosen) => change.mutate({ id, role: (chosen ?? role) as Member['role'] })}
            allowDeselect={false}
          />
        ) : (
          featureName(role.toUpperCase())
        ),
    },
    {
      id: 'actions',
      title: <span className="vh">Actions</span>,
      isFigure: true,
      cell: (member) =>
        may && (
          <Tooltip label="Remove">
            <ActionIcon aria-label={`Remove ${member.name}`} onClick={() => setRemoved(member)}>
              <IconUserMinus size={16} stroke={1.8} />
            </ActionIcon>
          </Tooltip>
        ),
    },
  ]
  return (
    <Card title="Members" padded={false} right={may && <Invite />}>
      {problem && (
        <Notice tone="bad" title="The role was not changed.">
          <p>{problem.detail}</p>
        </Notice>
      )}
      <Table
        label="Members"
        columns={columns}
        rows={rows?.filter(({ state }) => state === 'active')}
        idOf={({ id }) => id}
        empty={
          <Empty title="Nobody yet" action={null}>
            Invite people, or let your platform add those that its charges name.
          </Empty>
        }
        {...list}
      />
      <Remove member={removed} close={() => setRemoved(null)} />
    </Card>
  )
}

function useChangeRole() {
  const { khata } = useKhata()
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, role }: Pick<Member, 'id' | 'role'>) =>
      khata.api.PATCH('/v1/members/{member_id}', {
        params: { path: { member_id: id } },
        body: { role },
      }),
    onSettled: () => client.invalidateQueries({ queryKey: ['get', PATH] }),
  })
}

function Remove({ member, close }: { member: Member | null; close: () => void }) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: (member_id: string) =>
      khata.api.DELETE('/v1/members/{member_id}', { params: { path: { member_id } } }),
    onSuccess: () => {
      close()
      toast('Member removed', member?.name ?? '')
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['get', PATH] }),
  })
  return (
    <Confirm
      isOpen={member !== null}
      close={close}
      title={`Remove ${member?.name ?? ''}?`}
      act="Remove member"
      onAct={() => {
        if (member) remove.mutate(member.id)
      }}
      isPending={remove.isPending}
      error={remove.error}
    >
      <p>They are signed out here at once. What they used stays in the ledger under their name.</p>
    </Confirm>
  )
}
