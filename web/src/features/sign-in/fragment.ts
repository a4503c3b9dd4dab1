import { useEffect, useState } from 'react'

/** What the address's fragment says by that name, which no server sees; it does not stay there. */
export function useFragment(name: 'token' | 'reset' | 'error'): string | null {
  const [said] = useState(() => new URLSearchParams(location.hash.slice(1)).get(name))
  useEffect(() => {
    if (said) history.replaceState(history.state, '', location.pathname + location.search)
  }, [said])
  return said
}
