import { Kbd, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import {
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
} from '@mantine/spotlight'
import { IconKeyboard, IconMoon, IconSearch, IconSun } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { usePacks } from '@/react'
import { useSession } from '@/session/session'
import { Coin } from '@/ui/kit'
import { says } from '../messages'
import { ALL_DESTINATIONS } from './nav'
import p from './palette.module.css'

interface Props {
  isOpen: boolean
  close: () => void
  openHelp: () => void
}

export default function Palette({ isOpen, close, openHelp }: Props) {
  const [query, setQuery] = useState('')
  const actions: SpotlightActionGroupData[] = [
    { group: says.palette.find, actions: useFinds(query.trim()) },
    { group: says.palette.goTo, actions: useDestinations() },
    { group: says.palette.do, actions: [...useRecharges(), ...useSwitches(openHelp)] },
  ]
  return (
    <Spotlight
      forceOpened={isOpen}
      onSpotlightClose={close}
      actions={actions}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      nothingFound={says.palette.nothing}
      highlightQuery
      scrollable
      maxHeight={420}
      radius={14}
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.8} />,
        placeholder: says.palette.searchHint,
        'aria-label': says.palette.search,
      }}
      overlayProps={{ color: 'var(--scrim)', backgroundOpacity: 1, blur: 2 }}
      attributes={{ content: { 'aria-label': says.palette.label } }}
      classNames={{
        content: p.content,
        body: p.body,
        search: p.search,
        actionsList: p.list,
        actionsGroup: p.group,
        action: p.action,
        actionLabel: p.label,
        actionDescription: p.description,
      }}
    />
  )
}

/** What is typed, looked up in the ledger; an ID of a transaction opens it. */
function useFinds(query: string): SpotlightActionData[] {
  const navigate = useNavigate()
  const { scopes } = useSession()
  if (!query || !scopes.has('wallets:read')) return []
  const isId = query.startsWith('txn_')
  const search = isId ? { tx: query } : { q: query }
  return [
    {
      id: 'find',
      label: isId ? says.palette.openId(query) : says.palette.findText(query),
      leftSection: <IconSearch size={18} stroke={1.7} />,
      onClick: () => void navigate({ to: '/org/billing/wallet', search }),
    },
  ]
}

function useDestinations(): SpotlightActionData[] {
  const navigate = useNavigate()
  const { scopes } = useSession()
  return ALL_DESTINATIONS.filter(({ scope }) => scopes.has(scope)).map((each) => ({
    id: each.to,
    label: each.label,
    description: each.hint,
    leftSection: <each.Icon size={18} stroke={1.7} />,
    rightSection: 'key' in each && <Keys keys={['G', each.key.toUpperCase()]} />,
    onClick: () => void navigate({ to: each.to }),
  }))
}

function useRecharges(): SpotlightActionData[] {
  const navigate = useNavigate()
  const { scopes } = useSession()
  const { packs = [] } = usePacks()
  if (!scopes.has('payments:write')) return []
  return packs.map(({ id, name, amount, total_credits }) => ({
    id: `buy ${id}`,
    label: says.palette.recharge(amount),
    description: says.palette.pack(name, total_credits),
    leftSection: <Coin size={17} />,
    onClick: () => void navigate({ to: '/org/billing/add-funds', search: { pack: id } }),
  }))
}

function useSwitches(openHelp: () => void): SpotlightActionData[] {
  const { toggleColorScheme } = useMantineColorScheme()
  const isDark = useComputedColorScheme('light') === 'dark'
  return [
    {
      id: 'theme',
      label: isDark ? says.topBar.toLight : says.topBar.toDark,
      leftSection: isDark ? (
        <IconSun size={18} stroke={1.7} />
      ) : (
        <IconMoon size={18} stroke={1.7} />
      ),
      rightSection: <Keys keys={['⇧', 'D']} />,
      onClick: toggleColorScheme,
    },
    {
      id: 'help',
      label: says.shortcuts,
      leftSection: <IconKeyboard size={18} stroke={1.7} />,
      rightSection: <Keys keys={['?']} />,
      onClick: openHelp,
    },
  ]
}

function Keys({ keys }: { keys: readonly string[] }) {
  return (
    <span className={p.keys}>
      {keys.map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
    </span>
  )
}
