import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useWalletTransactions } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { CopyId, Page, PageHead, shortened } from '@/ui/kit'
import { TransactionDrawer } from './drawer/TransactionDrawer'
import { Figures } from './Figures'
import { useLedgerFilter } from './ledger/filter'
import { Ledger } from './ledger/Ledger'
import { LowBalance } from './low-balance/LowBalance'
import { Rail } from './rail/Rail'
import s from './wallet.module.css'

/** What exactly happened to our credits? */
export default function Wallet() {
  const { wallet } = useChosenWallet()
  const { asked } = useLedgerFilter()
  const { transactions } = useWalletTransactions(wallet.id, asked)
  const mayPay = useMay('payments:write')
  return (
    <Page>
      <PageHead
        title={wallet.name}
        sub={
          <>
            Every credit in and out, in one ledger.{' '}
            <CopyId value={wallet.id} short={shortened(wallet.id)} label="wallet ID" />
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
            Add funds
          </Button>
        )}
      </PageHead>
      <Figures />
      <div className={s.columns}>
        <Ledger />
        <Rail />
      </div>
      <TransactionDrawer ids={(transactions ?? []).map(({ id }) => id)} />
      <LowBalance />
    </Page>
  )
}
