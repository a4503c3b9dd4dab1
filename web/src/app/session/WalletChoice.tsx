import { lazy, Suspense, useMemo, type ReactNode } from 'react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Wallet } from '@/api/types'
import { useKhata, useWallet } from '@/react'
import { useSession } from '@/session/session'
import { ChosenWalletContext } from '@/session/wallet'
import { Failed, Page, PageSkeleton } from '@/ui/kit'
import { says } from '../messages'

const FirstWallet = lazy(() => import('./FirstWallet'))

const ASKED = { params: { query: { limit: 200 } } } as const

/** The wallet that the address names, or else the organization's first. */
export function WalletChoice({ children }: { children: ReactNode }) {
  const { queries } = useKhata()
  const { organization } = useSession()
  const { w } = useSearch({ from: '/org' })
  const { data, error, refetch } = queries.useQuery('get', '/v1/wallets', ASKED)
  const wallets = useMemo(
    () =>
      (data?.data as Wallet[] | undefined)?.filter(
        ({ organization_id }) => organization_id === organization.id,
      ),
    [data, organization.id],
  )
  const chosen = wallets?.find(({ id }) => id === w) ?? wallets?.[0]
  if (chosen && wallets) {
    return (
      <Chosen listed={chosen} wallets={wallets}>
        {children}
      </Chosen>
    )
  }
  return (
    <main>
      <Page>
        {error ? (
          <Failed what={says.session.noWallets} error={error} onRetry={() => void refetch()} />
        ) : wallets ? (
          <Suspense fallback={<PageSkeleton />}>
            <FirstWallet />
          </Suspense>
        ) : (
          <PageSkeleton />
        )}
      </Page>
    </main>
  )
}

interface Props {
  listed: Wallet
  wallets: readonly Wallet[]
  children: ReactNode
}

/** The list tells which there are; the wallet itself is followed live. */
function Chosen({ listed, wallets, children }: Props) {
  const navigate = useNavigate()
  const { wallet = listed } = useWallet(listed.id)
  const known = useMemo(
    () => ({
      wallet,
      wallets,
      choose: (w: string) => void navigate({ to: '.', search: (search) => ({ ...search, w }) }),
    }),
    [wallet, wallets, navigate],
  )
  return <ChosenWalletContext value={known}>{children}</ChosenWalletContext>
}
