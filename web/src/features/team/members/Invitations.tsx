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
import { says } from '../messages'
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
      title: says.invitations.invited,
      cell: ({ name, email }) => (
        <span className={s.two}>
          {name}
          <small>{email}</small>
        </span>
      ),
    },
    {
      id: 'role',
      title: says.invitations.role,
      cell: ({ role }) => featureName(role.toUpperCase()),
    },
    {
      id: 'until',
      title: says.invitations.goodFor,
      cell: ({ expires_at }) => until(expires_at, now),
    },
    {
      id: 'actions',
      title: <span className="vh">{says.columns.actions}</span>,
      isFigure: true,
      cell: ({ id, email }) => (
        <Button
          size="xs"
          variant="default"
          aria-label={says.invitations.revokeOf(email)}
          loading={revoke.isPending && revoke.variables === id}
          onClick={() => revoke.mutate(id)}
        >
          {says.invitations.revoke}
        </Button>
      ),
    },
  ]
  return (
    <Card title={says.invitations.title} padded={false}>
      <Table
        label={says.invitations.title}
        columns={columns}
        rows={open}
        idOf={({ id }) => id}
        empty={null}
        {...list}
      />
    </Card>
  )
}
