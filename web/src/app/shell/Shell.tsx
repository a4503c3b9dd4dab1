import { lazy, Suspense, useEffect, useRef } from 'react'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { useSession } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { ScrollContext } from '@/ui/scroll'
import { says } from '../messages'
import { Exhausted } from './Exhausted'
import { Offline } from './Offline'
import { MobileBar, MobileTabs } from './Mobile'
import { titleOf } from './nav'
import s from './shell.module.css'
import { Sidebar } from './Sidebar'
import { TopBar } from './TopBar'
import { useOnDemand } from './useOnDemand'
import { useShortcuts } from './useShortcuts'

const Palette = lazy(() => import('./Palette'))
const Help = lazy(() => import('./Help'))

/** What stands around every page: where we are, what we have, and whither we can go. */
export function Shell() {
  const path = useRouterState({ select: ({ location }) => location.pathname.replace(/\/$/, '') })
  const scroller = useRef<HTMLDivElement>(null)
  const main = useRef<HTMLElement>(null)
  const palette = useOnDemand()
  const help = useOnDemand()
  useShortcuts({ openPalette: palette.open, openHelp: help.open })
  const { wallet } = useChosenWallet()
  useArrival(path, scroller, main)
  return (
    <ScrollContext value={scroller}>
      <a className="skip" href="#main">
        {says.skip}
      </a>
      <div className={s.app}>
        <Sidebar openPalette={palette.open} openHelp={help.open} />
        <MobileBar path={path} openPalette={palette.open} />
        <main className={s.panel} id="main" tabIndex={-1} ref={main}>
          <div
            className={s.scroll}
            ref={scroller}
            // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable
            tabIndex={0}
            role="region"
            aria-label={says.page}
          >
            <TopBar path={path} />
            <Offline />
            <Exhausted path={path} />
            <Outlet key={wallet.id} /* what is typed on a page is typed for its wallet */ />
          </div>
        </main>
        <MobileTabs path={path} />
      </div>
      <Suspense>
        {palette.wasOpened && (
          <Palette isOpen={palette.isOpen} close={palette.close} openHelp={help.open} />
        )}
        {help.wasOpened && <Help isOpen={help.isOpen} close={help.close} />}
      </Suspense>
    </ScrollContext>
  )
}

/** On a new page: its title, its top, and the focus where its content begins. */
function useArrival(
  path: string,
  scroller: React.RefObject<HTMLDivElement | null>,
  main: React.RefObject<HTMLElement | null>,
) {
  const { organization } = useSession()
  const from = useRef<string | null>(null)
  useEffect(() => {
    document.title = says.titled(titleOf(path), organization.name)
    if (from.current !== null && from.current !== path) {
      scroller.current?.scrollTo(0, 0)
      main.current?.focus({ preventScroll: true })
    }
    from.current = path
  }, [path, organization.name, scroller, main])
}
