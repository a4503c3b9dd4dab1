import { ActionIcon, Button, Kbd, TextInput } from '@mantine/core'
import { IconDownload, IconFilter, IconSearch, IconX } from '@tabler/icons-react'
import { lazy } from 'react'
import { categoryOf, OnDemandMenu, Tooltip } from '@/ui/kit'
import { useTyped } from '@/ui/useTyped'
import { says as words } from '../messages'
import { KINDS, toggled, useLedgerFilter } from './filter'
import s from './ledger.module.css'

const says = words.tools

const TYPING_MS = 250
const load = () => import('./CategoryChoice')
const CategoryChoice = lazy(load)

/** What narrows the list, and the list as a file. */
export function LedgerTools({ csvUrl }: { csvUrl: string }) {
  const { kinds, categories, change } = useLedgerFilter()
  const changeKinds = (chosen: string[]) => change({ type: chosen.join() })
  return (
    <div className={s.tools} role="search" aria-label={says.label}>
      <Search />
      <div role="group" aria-label={says.type} className={s.kinds}>
        <Button
          size="xs"
          variant="subtle"
          aria-pressed={kinds.length === 0}
          className={s.kind}
          onClick={() => changeKinds([])}
        >
          {says.all}
        </Button>
        {KINDS.map(({ id }) => (
          <Button
            key={id}
            size="xs"
            variant="subtle"
            aria-pressed={kinds.includes(id)}
            className={s.kind}
            onClick={() => changeKinds(toggled(kinds, id))}
          >
            {says.kinds[id]}
          </Button>
        ))}
      </div>
      <OnDemandMenu load={load} menu={(opener) => <CategoryChoice opener={opener} />}>
        <Button size="xs" variant="default" leftSection={<IconFilter size={14} stroke={1.8} />}>
          {named(categories)}
        </Button>
      </OnDemandMenu>
      <Tooltip label={says.csvOf}>
        <ActionIcon
          component="a"
          href={csvUrl}
          download
          variant="default"
          size={28}
          aria-label={says.csv}
          className={s.wide}
        >
          <IconDownload size={15} stroke={1.8} />
        </ActionIcon>
      </Tooltip>
    </div>
  )
}

function named(categories: readonly string[]): string {
  const [first, ...others] = categories
  if (first === undefined) return says.category
  return says.categories(categoryOf(first).name, others.length)
}

/** The text is asked for once the typing rests. */
function Search() {
  const { search, change } = useLedgerFilter()
  const [typed, type] = useTyped(search.q ?? '', (q) => change({ q }, { replace: true }), TYPING_MS)
  return (
    <TextInput
      className={s.search ?? ''}
      data-page-search
      aria-label={says.search}
      placeholder={says.searchHint}
      leftSection={<IconSearch size={15} stroke={1.8} />}
      rightSection={
        typed ? (
          <ActionIcon size={22} aria-label={says.clearSearch} onClick={() => type('')}>
            <IconX size={13} />
          </ActionIcon>
        ) : (
          <Kbd className={s.wide ?? ''}>/</Kbd>
        )
      }
      value={typed}
      onChange={({ currentTarget }) => type(currentTarget.value)}
    />
  )
}
