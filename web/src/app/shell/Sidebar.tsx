import { Kbd } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { count } from '@/format/numbers'
import { useSession } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Coin, kit } from '@/ui/kit'
import { says } from '../messages'
import { DESTINATIONS } from './nav'
import { OrganizationMenu } from './OrganizationMenu'
import s from './shell.module.css'
import { useOpenAlerts } from './useOpenAlerts'
import { UserMenu } from './UserMenu'

interface Props {
  openPalette: () => void
  openHelp: () => void
}

export function Sidebar({ openPalette, openHelp }: Props) {
  return (
    <aside className={s.side} aria-label={says.organization}>
      <OrganizationMenu />
      <button type="button" className={s.search} onClick={openPalette}>
        <IconSearch size={15} aria-hidden />
        <span>{says.sidebar.search}</span>
        <Kbd>{says.sidebar.searchKey}</Kbd>
      </button>
      <Navigation />
      <div className={s.sideFoot}>
        <Available />
        <UserMenu openHelp={openHelp} />
      </div>
    </aside>
  )
}

/** All destinations that the role may see. */
export function Navigation({ onGo }: { onGo?: () => void }) {
  const { scopes } = useSession()
  const openAlerts = useOpenAlerts()
  return (
    <nav aria-label={says.sidebar.main}>
      {DESTINATIONS.map(({ id, title, items }) => (
        <div key={id} className={s.navGroup}>
          <div className={s.navTitle} id={`nav-${id}`}>
            {title}
          </div>
          <ul className={s.nav} aria-labelledby={`nav-${id}`}>
            {items
              .filter(({ scope }) => scopes.has(scope))
              .map(({ to, label, Icon }) => (
                <li key={to}>
                  <Link
                    to={to}
                    className={s.navItem}
                    activeOptions={{ exact: to === '/org/billing', includeSearch: false }}
                    {...(onGo ? { onClick: onGo } : {})}
                  >
                    <Icon size={17} stroke={1.7} aria-hidden />
                    {label}
                    {to === '/org/alerts' && openAlerts > 0 && (
                      <span className={s.navBadge}>
                        {count(openAlerts)}
                        <span className="vh">{says.sidebar.open}</span>
                      </span>
                    )}
                  </Link>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

function Available() {
  const { wallet } = useChosenWallet()
  const { scopes } = useSession()
  return (
    <div className={s.miniBal}>
      <div className={s.miniTop}>
        <span>{says.sidebar.available}</span>
        {scopes.has('payments:write') && (
          <Link to="/org/billing/add-funds" className={kit.link}>
            {says.sidebar.add}
            <span className="vh">{says.sidebar.funds}</span>
          </Link>
        )}
      </div>
      <div className={s.miniNum}>
        <Coin size={15} />
        {count(wallet.available_credits)}
        <small>{says.sidebar.credits}</small>
      </div>
    </div>
  )
}
