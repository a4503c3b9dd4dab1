import { useNavigate, useSearch } from '@tanstack/react-router'

type Changes = Partial<Record<'endpoint' | 'state' | 'event' | 'delivery', string | undefined>>

/** The endpoint that is chosen, how its deliveries are filtered, and which one is open. */
export function useWebhookSearch() {
  const search = useSearch({ from: '/org/webhooks' })
  const navigate = useNavigate({ from: '/org/webhooks' })
  return {
    endpointId: search.endpoint,
    state: search.state,
    event: search.event,
    deliveryId: search.delivery,
    change: (changes: Changes) =>
      void navigate({
        search: (known) => {
          const all = Object.entries({ ...known, ...changes })
          return Object.fromEntries(all.filter(([, value]) => value))
        },
      }),
  }
}
