import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router'
import { fundsSearch, pricingSearch, signInSearch, text, usageSearch, walletSearch } from './search'
import { Broken, Missing } from './Missing'
import { SignedIn } from './session/SignedIn'
import { PageSkeleton } from '@/ui/kit'

// So long the page before stays, rather than a skeleton flashing by.
const PENDING_MS = 150

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
  component: lazyRouteComponent(() => import('@/features/sign-in/SignIn')),
})

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/accept-invitation',
  component: lazyRouteComponent(() => import('@/features/sign-in/Invitation')),
})

/** All pages of an organization. The wallet they are about goes with us from one to the next. */
const org = createRoute({
  getParentRoute: () => root,
  path: '/org',
  component: SignedIn,
  validateSearch: (search): { w?: string | undefined } => text(search, 'w'),
  search: { middlewares: [retainSearchParams<{ w?: string | undefined }>(['w'])] },
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
    component: lazyRouteComponent(() => import('@/features/billing/Billing')),
  }),
  createRoute({
    ...inOrg,
    path: '/billing/wallet',
    validateSearch: walletSearch,
    component: lazyRouteComponent(() => import('@/features/wallet/Wallet')),
  }),
  createRoute({
    ...inOrg,
    path: '/billing/add-funds',
    validateSearch: fundsSearch,
    component: lazyRouteComponent(() => import('@/features/add-funds/AddFunds')),
  }),
  createRoute({
    ...inOrg,
    path: '/billing/usage',
    validateSearch: usageSearch,
    component: lazyRouteComponent(() => import('@/features/usage/Usage')),
  }),
  createRoute({
    ...inOrg,
    path: '/team',
    validateSearch: (search): { limit?: string } => text(search, 'limit'),
    component: lazyRouteComponent(() => import('@/features/team/Team')),
  }),
  createRoute({
    ...inOrg,
    path: '/invoices',
    component: lazyRouteComponent(() => import('@/features/invoices/Invoices')),
  }),
  createRoute({
    ...inOrg,
    path: '/alerts',
    validateSearch: (search): { state?: string } => text(search, 'state'),
    component: lazyRouteComponent(() => import('@/features/alerts/Alerts')),
  }),
  createRoute({
    ...inOrg,
    path: '/pricing',
    validateSearch: pricingSearch,
    component: lazyRouteComponent(() => import('@/features/pricing/Pricing')),
  }),
  createRoute({
    ...inOrg,
    path: '/keys',
    component: lazyRouteComponent(() => import('@/features/keys/Keys')),
  }),
  createRoute({
    ...inOrg,
    path: '/webhooks',
    validateSearch: (search) => text(search, 'endpoint', 'state', 'event', 'delivery'),
    component: lazyRouteComponent(() => import('@/features/webhooks/Webhooks')),
  }),
  createRoute({
    ...inOrg,
    path: '/audit',
    validateSearch: (search) => text(search, 'actor', 'action', 'subject', 'from', 'to', 'entry'),
    component: lazyRouteComponent(() => import('@/features/audit/Audit')),
  }),
  createRoute({
    ...inOrg,
    path: '/settings',
    component: lazyRouteComponent(() => import('@/features/settings/Settings')),
  }),
] as const

export const router = createRouter({
  routeTree: root.addChildren([home, signIn, invitation, org.addChildren([orgHome, ...pages])]),
  // The code of a page is on its way while it is still asked who is signed in.
  defaultPendingComponent: PageSkeleton,
  defaultPendingMs: PENDING_MS,
  defaultPendingMinMs: 0,
  defaultPreload: 'intent',
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
