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
import { says } from '../messages'

/** Whither one can go: in the side bar, in the palette and on a phone. */
export const DESTINATIONS = [
  {
    id: 'billing',
    title: says.groups.billing,
    items: [
      {
        to: '/org/billing',
        ...says.pages.overview,
        Icon: IconLayoutDashboard,
        key: 'b',
        scope: 'wallets:read',
      },
      {
        to: '/org/billing/wallet',
        ...says.pages.wallet,
        Icon: IconWallet,
        key: 'w',
        scope: 'wallets:read',
      },
      {
        to: '/org/billing/usage',
        ...says.pages.usage,
        Icon: IconChartBar,
        key: 'u',
        scope: 'wallets:read',
      },
      {
        to: '/org/billing/add-funds',
        ...says.pages.addFunds,
        Icon: IconPlus,
        key: 'a',
        scope: 'payments:write',
      },
    ],
  },
  {
    id: 'manage',
    title: says.groups.manage,
    items: [
      {
        to: '/org/team',
        ...says.pages.team,
        Icon: IconUsersGroup,
        scope: 'members:read',
      },
      {
        to: '/org/invoices',
        ...says.pages.invoices,
        Icon: IconFileInvoice,
        scope: 'payments:read',
      },
      {
        to: '/org/alerts',
        ...says.pages.alerts,
        Icon: IconBellRinging,
        scope: 'wallets:read',
      },
    ],
  },
  {
    id: 'developers',
    title: says.groups.developers,
    items: [
      {
        to: '/org/pricing',
        ...says.pages.pricing,
        Icon: IconTags,
        scope: 'pricing:read',
      },
      {
        to: '/org/keys',
        ...says.pages.keys,
        Icon: IconKey,
        scope: 'keys:write',
      },
      {
        to: '/org/webhooks',
        ...says.pages.webhooks,
        Icon: IconWebhook,
        scope: 'webhooks:read',
      },
      {
        to: '/org/audit',
        ...says.pages.audit,
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
const ELSEWHERE: Record<string, string> = { '/org/settings': says.settings }

export const titleOf = (path: string): string =>
  ALL_DESTINATIONS.find(({ to }) => to === path)?.label ?? ELSEWHERE[path] ?? says.khata

export const groupOf = (path: string): string =>
  DESTINATIONS.find(({ items }) => items.some(({ to }) => to === path))?.title ?? says.organization
