import {
  IconBellRinging,
  IconChartBar,
  IconFileInvoice,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconPlus,
  IconTags,
  IconUsersGroup,
  IconWallet,
  IconWebhook,
} from '@tabler/icons-react'

/** Whither one can go: in the side bar, in the palette and on a phone. */
export const DESTINATIONS = [
  {
    title: 'Billing',
    items: [
      {
        to: '/org/billing',
        label: 'Overview',
        says: 'Balance, packs and what needs attention',
        Icon: IconLayoutDashboard,
        key: 'b',
        scope: 'wallets:read',
      },
      {
        to: '/org/billing/wallet',
        label: 'Wallet',
        says: 'Every credit in and out',
        Icon: IconWallet,
        key: 'w',
        scope: 'wallets:read',
      },
      {
        to: '/org/billing/usage',
        label: 'Usage',
        says: 'Where credits go, and what comes next',
        Icon: IconChartBar,
        key: 'u',
        scope: 'wallets:read',
      },
      {
        to: '/org/billing/add-funds',
        label: 'Add funds',
        says: 'Buy credits with UPI, card or net banking',
        Icon: IconPlus,
        key: 'a',
        scope: 'payments:write',
      },
    ],
  },
  {
    title: 'Manage',
    items: [
      {
        to: '/org/team',
        label: 'Team limits',
        says: 'Who may use how much',
        Icon: IconUsersGroup,
        scope: 'members:read',
      },
      {
        to: '/org/invoices',
        label: 'Invoices',
        says: 'Tax invoices and credit notes',
        Icon: IconFileInvoice,
        scope: 'payments:read',
      },
      {
        to: '/org/alerts',
        label: 'Alerts',
        says: 'What happened that you should know',
        Icon: IconBellRinging,
        scope: 'wallets:read',
      },
    ],
  },
  {
    title: 'Developers',
    items: [
      {
        to: '/org/pricing',
        label: 'Pricing matrix',
        says: 'What each operation costs',
        Icon: IconTags,
        scope: 'pricing:read',
      },
      {
        to: '/org/keys',
        label: 'API keys',
        says: 'Who may call the API',
        Icon: IconKey,
        scope: 'keys:write',
      },
      {
        to: '/org/webhooks',
        label: 'Webhooks',
        says: 'Endpoints and their deliveries',
        Icon: IconWebhook,
        scope: 'webhooks:read',
      },
      {
        to: '/org/audit',
        label: 'Audit log',
        says: 'Who changed what',
        Icon: IconHistory,
        scope: 'audit:read',
      },
    ],
  },
] as const

type Group = (typeof DESTINATIONS)[number]
export type Destination = Group['items'][number]

export const ALL_DESTINATIONS: readonly Destination[] = DESTINATIONS.flatMap(
  ({ items }): readonly Destination[] => items,
)

/** What stands above a page that the side bar does not lead to. */
const ELSEWHERE: Record<string, string> = { '/org/settings': 'Settings' }

export const titleOf = (path: string): string =>
  ALL_DESTINATIONS.find(({ to }) => to === path)?.label ?? ELSEWHERE[path] ?? 'Khata'

export const groupOf = (path: string): string =>
  DESTINATIONS.find(({ items }) => items.some(({ to }) => to === path))?.title ?? 'Organisation'
