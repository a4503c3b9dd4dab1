import {
  IconApi,
  IconArrowBackUp,
  IconCreditCard,
  IconDatabase,
  IconGift,
  IconLock,
  IconMail,
  IconSparkles,
  IconUsers,
  IconWebhook,
  IconCoins,
} from '@tabler/icons-react'
import { says } from './messages'

export interface Category {
  id: string
  name: string
  color: string
  Icon: typeof IconApi
}

/** In the order in which charts stack them. Their colours never change places. */
export const CATEGORIES: readonly Category[] = [
  { id: 'AI', name: says.categories.AI, color: 'var(--c-ai)', Icon: IconSparkles },
  { id: 'STORAGE', name: says.categories.STORAGE, color: 'var(--c-storage)', Icon: IconDatabase },
  { id: 'API', name: says.categories.API, color: 'var(--c-api)', Icon: IconApi },
  {
    id: 'COMMUNITY',
    name: says.categories.COMMUNITY,
    color: 'var(--c-community)',
    Icon: IconUsers,
  },
  { id: 'WEBHOOKS', name: says.categories.WEBHOOKS, color: 'var(--c-webhooks)', Icon: IconWebhook },
  { id: 'QUEUE', name: says.categories.QUEUE, color: 'var(--c-queue)', Icon: IconMail },
]

const OTHER: Category = {
  id: 'OTHER',
  name: says.categories.OTHER,
  color: 'var(--text-2)',
  Icon: IconCoins,
}

/** A category of the price list; one that has no colour of its own is grey. */
export const categoryOf = (id: string | null): Category =>
  CATEGORIES.find((category) => category.id === id) ?? { ...OTHER, id: id ?? 'OTHER' }

const OF_TYPE: Record<string, Pick<Category, 'color' | 'Icon'>> = {
  CREDIT_PURCHASE: { color: 'var(--ok)', Icon: IconCreditCard },
  BONUS_CREDIT: { color: 'var(--gold-deep)', Icon: IconGift },
  TRANSFER_IN: { color: 'var(--gold-deep)', Icon: IconGift },
  TRANSFER_OUT: { color: 'var(--text-2)', Icon: IconGift },
  REFUND: { color: 'var(--text-2)', Icon: IconArrowBackUp },
  LOCK: { color: 'var(--warn-text)', Icon: IconLock },
}

/** The mark of a transaction: its category's for usage, its type's for all else. */
export function markOf({ type, category }: { type: string; category: string | null }) {
  return OF_TYPE[type] ?? categoryOf(category)
}
