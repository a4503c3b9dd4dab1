import { Kbd } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { count } from '@/format/numbers'
import { useSession } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Coin, kit } from '@/ui/kit'
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
    <aside className={s.side} aria-label="Organisation">
      <OrganizationMenu />
      <button type="button" className={s.search} onClick={openPalette}>
        <IconSearch size={15} aria-hidden />
        <span>Search</span>
        <Kbd>Ctrl K</Kbd>
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
    <nav aria-label="Main">
      {DESTINATIONS.map(({ title, items }) => (
        <div key={title} className={s.navGroup}>
          <div className={s.navTitle} id={`nav-${title}`}>
            {title}
          </div>
          <ul className={s.nav} aria-labelledby={`nav-${title}`}>
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
                        <span className="vh"> open</span>
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
        <span>Available</span>
        {scopes.has('payments:write') && (
          <Link to="/org/billing/add-funds" className={kit.link}>
            Add<span className="vh"> funds</span>
          </Link>
        )}
      </div>
      <div className={s.miniNum}>
        <Coin size={15} />
        {count(wallet.available_credits)}
        <small>credits</small>
      </div>
    </div>
  )
}
