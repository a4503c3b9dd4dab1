import { useEffect, useMemo, type ReactNode } from 'react'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { Problem } from '@/api/problem'
import { LiveProvider } from '@/react'
import { SessionContext } from '@/session/session'
import { Failed, Page, PageSkeleton } from '@/ui/kit'
import { says } from '../messages'
import { Shell } from '../shell/Shell'
import { sessionOf, useSessionQuery } from './query'
import { WalletChoice } from './WalletChoice'

/** All pages of an organization, for whoever is signed in; others are sent to sign in first. */
export function SignedIn() {
  const { data, error, refetch } = useSessionQuery()
  const session = useMemo(() => (data ? sessionOf(data) : null), [data])
  if (error instanceof Problem && error.status === 401) {
    return <ToSignIn />
  }
  if (session) {
    return (
      <SessionContext value={session}>
        <LiveProvider>
          <WalletChoice>
            <Shell />
          </WalletChoice>
        </LiveProvider>
      </SessionContext>
    )
  }
  if (error) {
    return (
      <Alone>
        <Failed what={says.session.unreachable} error={error} onRetry={() => void refetch()} />
      </Alone>
    )
  }
  return (
    <Alone>
      <PageSkeleton />
    </Alone>
  )
}

/** Leads to the sign-in once, which leads back here. */
function ToSignIn() {
  const navigate = useNavigate()
  const router = useRouter()
  useEffect(() => {
    const next = router.latestLocation.href
    void navigate({ to: '/sign-in', search: { next }, replace: true })
  }, [navigate, router])
  return null
}

function Alone({ children }: { children: ReactNode }) {
  return (
    <main>
      <Page>{children}</Page>
    </main>
  )
}
