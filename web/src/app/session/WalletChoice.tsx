import { lazy, Suspense, useMemo, type ReactNode } from 'react'
import { Button } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { problemIn } from '@/api/problem'
import type { Wallet } from '@/api/types'
import { useKhata, useWallet } from '@/react'
import { useSession } from '@/session/session'
import { ChosenWalletContext } from '@/session/wallet'
import { Failed, Page, PageHead, PageSkeleton } from '@/ui/kit'
import { says } from '../messages'

const FirstWallet = lazy(() => import('./FirstWallet'))

const ASKED = { params: { query: { limit: 200 } } } as const

/** The wallet that the address names; without one the organization's first. */
export function WalletChoice({ children }: { children: ReactNode }) {
  const { queries } = useKhata()
  const { organization } = useSession()
  const { w } = useSearch({ from: '/org' })
  const listed = queries.useQuery('get', '/v1/wallets', ASKED)
  // There may be more of them than are listed: the one that is named is asked for by itself.
  const named = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}',
    { params: { path: { wallet_id: w ?? '' } } },
    { enabled: w !== undefined },
  )
  const wallets = useMemo(
    () =>
      (listed.data?.data as Wallet[] | undefined)?.filter(
        ({ organization_id }) => organization_id === organization.id,
      ),
    [listed.data, organization.id],
  )
  const first = wallets?.[0]
  const alone = named.data?.organization_id === organization.id ? (named.data as Wallet) : undefined
  const chosen = w === undefined ? first : (wallets?.find(({ id }) => id === w) ?? alone)
  if (chosen && wallets) {
    return (
      <Chosen listed={chosen} wallets={wallets}>
        {children}
      </Chosen>
    )
  }
  return (
    <main>
      <Page>{first ? <Unknown named={named} first={first} /> : <None {...listed} />}</Page>
    </main>
  )
}

interface Asked {
  data?: unknown
  error: unknown
  refetch: () => Promise<unknown>
}

/** No wallet to show: there is none yet, or it is not known which there are. */
function None({ data, error, refetch }: Asked) {
  if (data)
    return (
      <Suspense fallback={<PageSkeleton />}>
        <FirstWallet />
      </Suspense>
    )
  if (!error) return <PageSkeleton />
  return <Failed what={says.session.noWallets} error={error} onRetry={() => void refetch()} />
}

/** Never another wallet than the one that is named: one might pay into it. */
function Unknown({ named: { data, error, refetch }, first }: { named: Asked; first: Wallet }) {
  if (!data && !error) return <PageSkeleton />
  if (!data && problemIn(error)?.status !== 404)
    return <Failed what={says.session.noWallet} error={error} onRetry={() => void refetch()} />
  return (
    <>
      <PageHead title={says.unknownWallet.title} sub={says.unknownWallet.sub} />
      <Button
        renderRoot={(props) => <Link {...props} to="/org/billing" search={{ w: first.id }} />}
      >
        {says.unknownWallet.back(first.name)}
      </Button>
    </>
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
