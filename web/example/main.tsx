import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import {
  createKhata,
  type Khata,
  KhataProvider,
  LiveProvider,
  LowBalanceModal,
  UsageChart,
  useBillingGate,
  useConsumeCredits,
  WalletBadge,
} from '@khata/react'
import '@khata/react/khata.css'

interface Access {
  walletId: string
  khata: Khata
}

/** A platform's page: it shows the balance, and asks the gate before it shows a feature. */
function Page({ walletId }: { walletId: string }) {
  const { isAllowed, canUsePremium, gate } = useBillingGate(walletId, 'AI_SUMMARY')
  const summary = useConsumeCredits(walletId)
  return (
    <>
      <header>
        <h1>Notes</h1> <WalletBadge walletId={walletId} />
      </header>
      <button
        disabled={!isAllowed || !canUsePremium || summary.isPending}
        onClick={() => summary.mutate({ feature: 'AI_SUMMARY' })}
      >
        Summarize, {gate?.price} credits
      </button>
      {summary.error && <p role="alert">{summary.error.message}</p>}
      <UsageChart walletId={walletId} />
      <LowBalanceModal walletId={walletId} onAddFunds={(pack) => console.info('buy', pack)} />
    </>
  )
}

/** Your backend hands the page a key; here somebody types one. */
function SignIn({ onAccess }: { onAccess: (access: Access) => void }) {
  return (
    <form
      action={(form) => {
        const [walletId, token] = [form.get('wallet'), form.get('token')]
        if (typeof walletId !== 'string' || typeof token !== 'string') return
        onAccess({ walletId, khata: createKhata({ token: () => token }) })
      }}
    >
      <label>
        Wallet <input name="wallet" required pattern="wal_.*" />
      </label>
      <label>
        Key <input name="token" type="password" required />
      </label>
      <button>Open</button>
    </form>
  )
}

function Example() {
  const [access, setAccess] = useState<Access>()
  if (!access) return <SignIn onAccess={setAccess} />
  return (
    <KhataProvider khata={access.khata}>
      <LiveProvider walletId={access.walletId}>
        <Page walletId={access.walletId} />
      </LiveProvider>
    </KhataProvider>
  )
}

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <Example />
    </StrictMode>,
  )
