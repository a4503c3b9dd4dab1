import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { until } from '@/format/times'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { Card } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import { useNow } from '@/ui/useNow'
import s from '../team.module.css'

type Invitation = components['schemas']['Invitation']

const PATH = '/v1/invitations'

/** Who was invited and has not come yet. */
export function Invitations() {
  const { khata } = useKhata()
  const client = useQueryClient()
  const may = useMay('members:write')
  const now = useNow()
  const { rows, ...list } = usePages(
    ['get', PATH, {}],
    (cursor, signal) =>
      khata.api.GET(PATH, { params: { query: { limit: 100, ...cursor } }, signal }),
    may,
  )
  const revoke = useMutation({
    mutationFn: (invitation_id: string) =>
      khata.api.DELETE('/v1/invitations/{invitation_id}', { params: { path: { invitation_id } } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['get', PATH] }),
  })
  const open = rows?.filter(({ state }) => state === 'open')
  if (!may || !open?.length) return null
  const columns: Column<Invitation>[] = [
    {
      id: 'who',
      title: 'Invited',
      cell: ({ name, email }) => (
        <span className={s.two}>
          {name}
          <small>{email}</small>
        </span>
      ),
    },
    { id: 'role', title: 'Role', cell: ({ role }) => featureName(role.toUpperCase()) },
    { id: 'until', title: 'Good for', cell: ({ expires_at }) => until(expires_at, now) },
    {
      id: 'actions',
      title: <span className="vh">Actions</span>,
      isFigure: true,
      cell: ({ id, email }) => (
        <Button
          size="xs"
          variant="default"
          aria-label={`Revoke the invitation of ${email}`}
          loading={revoke.isPending && revoke.variables === id}
          onClick={() => revoke.mutate(id)}
        >
          Revoke
        </Button>
      ),
    },
  ]
  return (
    <Card title="Open invitations" padded={false}>
      <Table
        label="Open invitations"
        columns={columns}
        rows={open}
        idOf={({ id }) => id}
        empty={null}
        {...list}
      />
    </Card>
  )
}
