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
import { useRoles } from '../choices'
import { says } from '../messages'
import s from '../team.module.css'
import { Invite } from './Invite'

const PATH = '/v1/members'

/** Who belongs to the organization, as what. */
export function Members() {
  const { khata } = useKhata()
  const may = useMay('members:write')
  const roles = useRoles()
  const [removed, setRemoved] = useState<Member | null>(null)
  const { rows, ...list } = usePages(['get', PATH, {}], (cursor, signal) =>
    khata.api.GET(PATH, { params: { query: { limit: 100, ...cursor } }, signal }),
  )
  const change = useChangeRole()
  const problem = problemIn(change.error)
  const columns: Column<Member>[] = [
    {
      id: 'name',
      title: says.members.member,
      cell: ({ name, email, external_id }) => (
        <span className={s.named}>
          <Avatar name={name} size={28} />
          <span className={s.two}>
            {name}
            <small>{email ?? external_id ?? says.members.byCharges}</small>
          </span>
        </span>
      ),
    },
    {
      id: 'id',
      title: says.members.inCharges,
      isWide: true,
      cell: ({ external_id, id }) => <span className="mono">{external_id ?? id}</span>,
    },
    {
      id: 'role',
      title: says.members.role,
      cell: ({ id, name, role }) =>
        may ? (
          <Select
            size="xs"
            miw={104}
            aria-label={says.members.roleOf(name)}
            data={roles}
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
      title: <span className="vh">{says.columns.actions}</span>,
      isFigure: true,
      cell: (member) =>
        may && (
          <Tooltip label={says.remove.short}>
            <ActionIcon aria-label={says.remove.of(member.name)} onClick={() => setRemoved(member)}>
              <IconUserMinus size={16} stroke={1.8} />
            </ActionIcon>
          </Tooltip>
        ),
    },
  ]
  return (
    <Card title={says.members.title} padded={false} right={may && <Invite />}>
      {problem && (
        <Notice tone="bad" title={says.members.failed}>
          <p>{problem.detail}</p>
        </Notice>
      )}
      <Table
        label={says.members.title}
        columns={columns}
        rows={rows?.filter(({ state }) => state === 'active')}
        idOf={({ id }) => id}
        empty={
          <Empty title={says.nobody} action={null}>
            {says.members.empty}
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
      toast(says.remove.done, member?.name ?? '')
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['get', PATH] }),
  })
  return (
    <Confirm
      isOpen={member !== null}
      close={close}
      title={says.remove.title(member?.name ?? '')}
      act={says.remove.act}
      onAct={() => {
        if (member) remove.mutate(member.id)
      }}
      isPending={remove.isPending}
      error={remove.error}
    >
      <p>{says.remove.text}</p>
    </Confirm>
  )
}
