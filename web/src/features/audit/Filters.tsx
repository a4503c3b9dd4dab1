import { Button, Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { isDay } from '@/format/times'
import { actorName } from '@/format/words'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useTyped } from '@/ui/useTyped'
import { actionChoices } from './actions'
import s from './audit.module.css'
import { says } from './messages'
import { useAuditSearch } from './useAuditSearch'

const TYPING_MS = 300
const MOST = 200
const WITHOUT_A_NAME = ['worker', 'command-line']

/** Whom, what, on what and when: all in the address. */
export function Filters() {
  const { search, change, clear, isFiltered } = useAuditSearch()
  return (
    <div className={s.tools} role="search" aria-label={says.filters.label}>
      <Select
        aria-label={says.filters.who}
        placeholder={says.filters.anybody}
        data={useActors(search.actor)}
        value={search.actor ?? null}
        onChange={(actor) => change({ actor: actor ?? undefined })}
        searchable
        clearable
      />
      <Select
        aria-label={says.filters.action}
        placeholder={says.filters.anything}
        data={actionChoices(search.action)}
        value={search.action ?? null}
        onChange={(action) => change({ action: action ?? undefined })}
        searchable
        clearable
      />
      <Subject />
      {(['from', 'to'] as const).map((edge) => (
        <Edge key={edge} edge={edge} />
      ))}
      {isFiltered && (
        <Button size="xs" variant="subtle" className={s.clear ?? ''} onClick={clear}>
          {says.filters.clear}
        </Button>
      )}
    </div>
  )
}

function Subject() {
  const { search, change } = useAuditSearch()
  const [typed, type] = useTyped(
    search.subject ?? '',
    (subject) => change({ subject }, { replace: true }),
    TYPING_MS,
  )
  return (
    <TextInput
      data-page-search
      aria-label={says.filters.subject}
      placeholder={says.filters.subjectHint}
      leftSection={<IconSearch size={15} stroke={1.8} />}
      value={typed}
      onChange={({ currentTarget }) => type(currentTarget.value)}
    />
  )
}

const dayIn = (text: string) => (isDay(text) ? text : '')

/** The first or the last day. */
function Edge({ edge }: { edge: 'from' | 'to' }) {
  const { search, change } = useAuditSearch()
  const [typed, type] = useTyped(
    dayIn(search[edge] ?? ''),
    (day) => change({ [edge]: day }),
    TYPING_MS,
    dayIn,
  )
  return (
    <TextInput
      type="date"
      aria-label={says.filters[edge]}
      value={typed}
      onChange={({ currentTarget }) => type(currentTarget.value)}
    />
  )
}

/** Who may have done something: those who can sign in, keys, and what has no name. */
function useActors(asked: string | undefined) {
  const { queries } = useKhata()
  const maySeeKeys = useMay('keys:write')
  const maySeeMembers = useMay('members:read')
  const all = { params: { query: { limit: MOST } } }
  const { data: members } = queries.useQuery('get', '/v1/members', all, { enabled: maySeeMembers })
  const { data: keys } = queries.useQuery('get', '/v1/api-keys', all, { enabled: maySeeKeys })
  const people = members?.data.flatMap(({ user_id, name }) =>
    user_id ? [{ value: user_id, label: name }] : [],
  )
  const named = [
    ...(people ?? []),
    ...(keys?.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
    ...WITHOUT_A_NAME.map((value) => ({ value, label: actorName(value) })),
  ]
  const isKnown = !asked || named.some(({ value }) => value === asked)
  return isKnown ? named : [...named, { value: asked, label: asked }]
}
