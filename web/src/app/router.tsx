import { lazy, Suspense, type ComponentType } from 'react'
import {
  createRootRoute,
  createRoute,
  createRouter,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router'
import { fundsSearch, signInSearch, text, usageSearch, walletSearch } from './search'
import { Broken, Missing } from './Missing'
import { SignedIn } from './session/SignedIn'
import { PageSkeleton } from '@/ui/kit'

type Page = () => Promise<{ default: ComponentType }>

/** A page whose code is fetched when somebody goes there. */
function page(load: Page) {
  const Loaded = lazy(load)
  return function OfPage() {
    return (
      <Suspense fallback={<PageSkeleton />}>
        <Loaded />
      </Suspense>
    )
  }
}

const root = createRootRoute({ notFoundComponent: Missing, errorComponent: Broken })

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- how the router is told
    throw redirect({ to: '/org/billing' })
  },
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: page(() => import('@/features/sign-in/SignIn')),
})

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/accept-invitation',
  component: page(() => import('@/features/sign-in/Invitation')),
})

/** All pages of an organization. The wallet they are about goes with us from one to the next. */
const org = createRoute({
  getParentRoute: () => root,
  path: '/org',
  component: SignedIn,
  validateSearch: (search): { w?: string } => text(search, 'w'),
  search: { middlewares: [retainSearchParams(['w'])] },
})
const inOrg = { getParentRoute: () => org } as const

const orgHome = createRoute({
  ...inOrg,
  path: '/',
  beforeLoad: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- how the router is told
    throw redirect({ to: '/org/billing' })
  },
})

const pages = [
  createRoute({
    ...inOrg,
    path: '/billing',
    component: page(() => import('@/features/billing/Billing')),
  }),
  createRoute({
    ...inOrg,
    path: '/billing/wallet',
    validateSearch: walletSearch,
    component: page(() => import('@/features/wallet/Wallet')),
  }),
  createRoute({
    ...inOrg,
    path: '/billing/add-funds',
    validateSearch: fundsSearch,
    component: page(() => import('@/features/add-funds/AddFunds')),
  }),
  createRoute({
    ...inOrg,
    path: '/billing/usage',
    validateSearch: usageSearch,
    component: page(() => import('@/features/usage/Usage')),
  }),
  createRoute({
    ...inOrg,
    path: '/team',
    component: page(() => import('@/features/team/Team')),
  }),
  createRoute({
    ...inOrg,
    path: '/invoices',
    component: page(() => import('@/features/invoices/Invoices')),
  }),
  createRoute({
    ...inOrg,
    path: '/alerts',
    validateSearch: (search): { state?: string } => text(search, 'state'),
    component: page(() => import('@/features/alerts/Alerts')),
  }),
  createRoute({
    ...inOrg,
    path: '/pricing',
    validateSearch: (search): { version?: string } => {
      const { version } = search
      return typeof version === 'string' || typeof version === 'number'
        ? { version: String(version) }
        : {}
    },
    component: page(() => import('@/features/pricing/Pricing')),
  }),
  createRoute({ ...inOrg, path: '/keys', component: page(() => import('@/features/keys/Keys')) }),
  createRoute({
    ...inOrg,
    path: '/webhooks',
    validateSearch: (search) => text(search, 'endpoint', 'state', 'event', 'delivery'),
    component: page(() => import('@/features/webhooks/Webhooks')),
  }),
  createRoute({
    ...inOrg,
    path: '/audit',
    validateSearch: (search) => text(search, 'actor', 'action', 'subject'),
    component: page(() => import('@/features/audit/Audit')),
  }),
  createRoute({
    ...inOrg,
    path: '/settings',
    component: page(() => import('@/features/settings/Settings')),
  }),
] as const

export const router = createRouter({
  routeTree: root.addChildren([home, signIn, invitation, org.addChildren([orgHome, ...pages])]),
  defaultPreload: 'intent',
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
