import { lazy, Suspense, useMemo, useState } from 'react'
import { Button, SegmentedControl } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useLowBalance, useWalletTransactions } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { CopyId, Page, PageHead, shortened } from '@/ui/kit'
import { Figures } from './Figures'
import { useLedgerFilter } from './ledger/filter'
import { Ledger } from './ledger/Ledger'
import { says } from './messages'
import { Rail } from './rail/Rail'
import s from './wallet.module.css'

const LowBalance = lazy(() => import('./low-balance/LowBalance'))
const TransactionDrawer = lazy(() => import('./drawer/TransactionDrawer'))

// Beside each other where there is room, else one at a time.
const TABS = [
  { value: '', label: says.tabs.ledger },
  { value: 'team', label: says.tabs.team },
  { value: 'recharge', label: says.tabs.recharge },
]

/** What exactly happened to our credits? */
export default function Wallet() {
  const { wallet } = useChosenWallet()
  const { asked, search, show } = useLedgerFilter()
  // Its code is fetched when a transaction is first opened, and stays for its leaving.
  const [wasOpened, setWasOpened] = useState(false)
  if (search.tx && !wasOpened) setWasOpened(true)
  const { transactions, more } = useWalletTransactions(wallet.id, asked)
  const ids = useMemo(() => (transactions ?? []).map(({ id }) => id), [transactions])
  const { isNew } = useLowBalance(wallet)
  const mayPay = useMay('payments:write')
  const tab = TABS.find(({ value }) => value === search.tab)?.value ?? ''
  return (
    <Page>
      <PageHead
        title={wallet.name}
        sub={
          <>
            {says.page.sub}&ensp;
            <CopyId value={wallet.id} short={shortened(wallet.id)} label={says.page.id} />
          </>
        }
      >
        {mayPay && (
          <Button
            component={Link}
            to="/org/billing/add-funds"
            visibleFrom="md"
            leftSection={<IconPlus size={16} stroke={2.2} />}
          >
            {says.page.add}
          </Button>
        )}
      </PageHead>
      <Figures />
      <SegmentedControl
        hiddenFrom="md"
        fullWidth
        mt={16}
        aria-label={says.tabs.label}
        value={tab}
        onChange={show}
        data={TABS}
      />
      <div className={s.columns} data-tab={tab || 'ledger'}>
        <Ledger />
        <Rail />
      </div>
      {wasOpened && (
        <Suspense>
          <TransactionDrawer ids={ids} more={more} />
        </Suspense>
      )}
      {(search.low || isNew) && (
        <Suspense>
          <LowBalance />
        </Suspense>
      )}
    </Page>
  )
}
