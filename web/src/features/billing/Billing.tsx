import { Button } from '@mantine/core'
import { IconDownload, IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useMay, useSession } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Page, PageHead } from '@/ui/kit'
import { BalanceCard } from './balance/BalanceCard'
import s from './billing.module.css'
import { CreditsUsed } from './CreditsUsed'
import { Glance } from './Glance'
import { LatestTransactions } from './LatestTransactions'
import { says } from './messages'
import { QuickRecharge } from './QuickRecharge'
import { Attention } from './rail/Attention'
import { LatestInvoices } from './rail/LatestInvoices'
import { PayoutAccount } from './rail/PayoutAccount'
import { RechargeSummary } from './rail/RechargeSummary'

/** Are we fine, and if not, what do I do? */
export default function Billing() {
  const { organization } = useSession()
  const { wallet } = useChosenWallet()
  const mayPay = useMay('payments:write')
  const maySeePayments = useMay('payments:read')
  return (
    <Page>
      <PageHead title={says.title} sub={says.sub(organization.name)}>
        <Button
          component="a"
          href={`/v1/wallets/${wallet.id}/statement`}
          download={`${wallet.id}-statement.json`}
          variant="default"
          visibleFrom="md"
          leftSection={<IconDownload size={16} stroke={1.8} />}
        >
          {says.statement}
        </Button>
        {mayPay && (
          <Button
            component={Link}
            to="/org/billing/add-funds"
            visibleFrom="md"
            leftSection={<IconPlus size={16} stroke={2.2} />}
          >
            {says.addFunds}
          </Button>
        )}
      </PageHead>
      <div className={mayPay ? s.top : undefined}>
        <BalanceCard />
        {mayPay && <QuickRecharge />}
      </div>
      <Glance />
      <div className={s.columns}>
        <div className={s.column}>
          <CreditsUsed />
          <LatestTransactions />
        </div>
        <div className={s.column}>
          <Attention />
          {maySeePayments && (
            <>
              <RechargeSummary />
              <LatestInvoices />
              <PayoutAccount />
            </>
          )}
        </div>
      </div>
    </Page>
  )
}
