import type { Query, QueryClient, QueryKey } from '@tanstack/react-query'
import type { Balances, Order, Wallet } from '../../api/types'
import type { Queries } from '../context'
import type { LiveEvent } from './follow'

const WALLET = '/v1/wallets/{wallet_id}'

/** What stands in the cache of a wallet's paths: [method, path, {params: {path: {wallet_id}}}]. */
type Asked = [string, string, { params?: { path?: { wallet_id?: string } } } | undefined]

/** Brings what is on the page in line with an event, with as few questions as may be. */
export function applyEvent(client: QueryClient, queries: Queries, event: LiveEvent) {
  const wallet_id = event.wallet_id
  if (wallet_id === null) return
  switch (event.type) {
    case 'wallet.updated': {
      const { sequence, ...balances } = event.data as Balances
      const { queryKey } = queries.queryOptions('get', '/v1/wallets/{wallet_id}', {
        params: { path: { wallet_id } },
      })
      client.setQueryData<Wallet>(queryKey, (known) => known && { ...known, ...balances })
      break
    }
    case 'transaction.created':
      askLater(client, wallet_id, [
        '',
        '/transactions',
        '/usage/',
        '/gate',
        '/grants',
        '/holds',
        '/balance',
      ])
      break
    case 'order.updated': {
      const order = event.data as Order
      const { queryKey } = queries.queryOptions(
        'get',
        '/v1/wallets/{wallet_id}/orders/{order_id}',
        {
          params: { path: { wallet_id, order_id: order.id } },
        },
      )
      client.setQueryData<Order>(queryKey, order)
      askLater(client, wallet_id, ['/orders', '/invoices', '/auto-recharge', ''])
      break
    }
    case 'alert.raised':
    case 'alert.acknowledged':
    case 'alert.resolved':
      askLater(client, wallet_id, ['/alert'])
      break
    default:
      break
  }
}

const CALM_MS = 1_000
const waiting = new WeakMap<QueryClient, Map<string, ReturnType<typeof setTimeout>>>()

/** Under load hundreds of events a second say the same: one question after them is enough. */
function askLater(client: QueryClient, wallet_id: string, parts: string[]) {
  const timers = waiting.get(client) ?? new Map<string, ReturnType<typeof setTimeout>>()
  waiting.set(client, timers)
  const key = `${wallet_id} ${parts.join()}`
  if (timers.has(key)) return
  const ask = () => {
    timers.delete(key)
    askAnew(client, ({ queryKey }) => parts.some((part) => isOf(queryKey, wallet_id, part)))
  }
  timers.set(key, setTimeout(ask, CALM_MS))
}

const late = new WeakMap<QueryClient, Set<string>>()

/**
 * Asks anew. What is on its way goes on, or a slow answer of a busy wallet would never come; it is
 * asked for once more when it is there, for it may be from before the event.
 */
function askAnew(client: QueryClient, isMeant: (query: Query) => boolean) {
  const meant = client.getQueryCache().findAll({ predicate: isMeant })
  const under = meant.filter(({ state }) => state.fetchStatus === 'fetching')
  const waits = late.get(client)
  const after = new Set([...(waits ?? []), ...under.map(({ queryHash }) => queryHash)])
  late.set(client, after)
  if (!waits?.size && after.size) setTimeout(() => askWhatWaits(client), CALM_MS)
  void client.invalidateQueries({
    predicate: (query) => isMeant(query) && !after.has(query.queryHash),
  })
}

function askWhatWaits(client: QueryClient) {
  const hashes = late.get(client) ?? new Set()
  late.delete(client)
  askAnew(client, ({ queryHash }) => hashes.has(queryHash))
}

/** Whether the question is about that part of the wallet; '' is the wallet itself. */
function isOf(queryKey: QueryKey, wallet_id: string, part: string): boolean {
  const [, path, init] = queryKey as unknown as Partial<Asked>
  // The client may be shared, and others have keys of another kind.
  if (typeof path !== 'string' || !path.startsWith(WALLET)) return false
  if (init?.params?.path?.wallet_id !== wallet_id) return false
  const rest = path.slice(WALLET.length)
  return part === '' ? rest === '' : rest.startsWith(part)
}
