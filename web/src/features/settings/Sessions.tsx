import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ago } from '@/format/times'
import { useKhata } from '@/react'
import { Card, Failed, Pill, RowSkeletons } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import { says } from './messages'
import s from './settings.module.css'

/** Where one is signed in. Any of them can be ended from here. */
export function Sessions() {
  const { khata, queries } = useKhata()
  const client = useQueryClient()
  const now = useNow()
  const { data, error, refetch } = queries.useQuery('get', '/v1/sessions', {
    params: { query: { limit: 50 } },
  })
  const end = useMutation({
    mutationFn: (session_id: string) =>
      khata.api.DELETE('/v1/sessions/{session_id}', { params: { path: { session_id } } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['get', '/v1/sessions'] }),
  })
  return (
    <Card title={says.sessions.title}>
      {error && !data ? (
        <Failed what={says.sessions.notLoaded} error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowSkeletons rows={2} />
      ) : (
        <ul>
          {data.data.map(({ id, agent, address, seen_at, is_current }) => (
            <li key={id} className={s.item}>
              <div>
                <b>{browserOf(agent)}</b>
                <small>
                  {says.sessions.seen(address ?? says.sessions.unknown, ago(seen_at, now))}
                </small>
              </div>
              {is_current ? (
                <Pill tone="ok">{says.sessions.current}</Pill>
              ) : (
                <Button
                  size="xs"
                  variant="default"
                  loading={end.isPending && end.variables === id}
                  onClick={() => end.mutate(id)}
                >
                  {says.sessions.end}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

const BROWSERS = ['Firefox', 'Edg', 'OPR', 'Chrome', 'Safari'] as const
const NAMES: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' }

/** What a browser calls itself, as people know it. */
function browserOf(agent: string | null): string {
  const found = BROWSERS.find((name) => agent?.includes(`${name}/`))
  return found ? (NAMES[found] ?? found) : says.sessions.browser
}
