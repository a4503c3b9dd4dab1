import { useEffect, useState } from 'react'

/** The token in the address's fragment, which no server sees; it does not stay in the address. */
export function useToken(): string | null {
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token'))
  useEffect(() => {
    if (token) history.replaceState(history.state, '', location.pathname + location.search)
  }, [token])
  return token
}
