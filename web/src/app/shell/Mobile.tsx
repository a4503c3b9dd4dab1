import { lazy, Suspense } from 'react'
import { ActionIcon } from '@mantine/core'
import {
  IconChartBar,
  IconChevronLeft,
  IconDots,
  IconLayoutDashboard,
  IconPlus,
  IconSearch,
  IconWallet,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { count } from '@/format/numbers'
import { useSession } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Coin } from '@/ui/kit'
import { says } from '../messages'
import { OrganizationMenu } from './OrganizationMenu'
import s from './shell.module.css'
import { useOnDemand } from './useOnDemand'

const Everything = lazy(() => import('./Everything'))

const CHECKOUT = '/org/billing/add-funds'

export function MobileBar({ path, openPalette }: { path: string; openPalette: () => void }) {
  const { wallet } = useChosenWallet()
  return (
    <div className={s.topMobile} role="navigation" aria-label={says.mobile.top}>
      {path === CHECKOUT ? (
        <Link to="/org/billing" className={s.org}>
          <IconChevronLeft size={20} stroke={1.9} aria-hidden />
          <span className={s.orgName}>{says.groups.billing}</span>
        </Link>
      ) : (
        <OrganizationMenu />
      )}
      <Link to="/org/billing/wallet" className={s.balChip}>
        <Coin size={14} />
        {count(wallet.available_credits)}
        <span className="vh">{says.mobile.available}</span>
      </Link>
      <ActionIcon size={40} aria-label={says.sidebar.search} onClick={openPalette}>
        <IconSearch size={19} stroke={1.8} />
      </ActionIcon>
    </div>
  )
}

/** The four pages of every day, and the rest in a drawer. The checkout has the screen to itself. */
export function MobileTabs({ path }: { path: string }) {
  const { scopes } = useSession()
  const everything = useOnDemand()
  if (path === CHECKOUT) return null
  return (
    <>
      <nav className={s.tabs} aria-label={says.mobile.main}>
        <Tab to="/org/billing" label={says.pages.overview.label} Icon={IconLayoutDashboard} />
        <Tab to="/org/billing/wallet" label={says.pages.wallet.label} Icon={IconWallet} />
        {scopes.has('payments:write') && (
          <Link to={CHECKOUT} className={s.tabItem} aria-label={says.addFunds}>
            <span className={s.tabAdd}>
              <IconPlus size={21} stroke={2.2} aria-hidden />
            </span>
          </Link>
        )}
        <Tab to="/org/billing/usage" label={says.pages.usage.label} Icon={IconChartBar} />
        <button
          type="button"
          className={s.tabItem}
          onClick={everything.open}
          aria-haspopup="dialog"
        >
          <IconDots size={21} stroke={1.7} aria-hidden />
          {says.mobile.more}
        </button>
      </nav>
      <Suspense>
        {everything.wasOpened && <Everything isOpen={everything.isOpen} close={everything.close} />}
      </Suspense>
    </>
  )
}

interface TabProps {
  to: '/org/billing' | '/org/billing/wallet' | '/org/billing/usage'
  label: string
  Icon: typeof IconWallet
}

function Tab({ to, label, Icon }: TabProps) {
  const exact = to === '/org/billing'
  return (
    <Link to={to} activeOptions={{ exact, includeSearch: false }} className={s.tabItem}>
      <Icon size={21} stroke={1.7} aria-hidden />
      {label}
    </Link>
  )
}
