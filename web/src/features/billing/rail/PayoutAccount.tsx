import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconBuildingBank } from '@tabler/icons-react'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Card, Failed, kit, Pill, Quiet, RowSkeletons } from '@/ui/kit'
import { says } from '../messages'
import { PayoutForm } from './PayoutForm'
import s from './rail.module.css'

/** The bank account that credits could be paid out to. Its number is never shown whole. */
export function PayoutAccount() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const may = useMay('payouts:write')
  const [isOpen, { open, close }] = useDisclosure(false)
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/payout-account',
    { params: { path: { wallet_id: wallet.id } } },
  )
  // 204, where none is set, comes as null, which the types of the document don't say.
  const isMissing = (data as typeof data | null) === null
  return (
    <Card
      title={says.payout.title}
      right={
        may &&
        data && (
          <button type="button" className={kit.link} onClick={open}>
            {says.payout.edit}
            <span className="vh">{says.payout.editOf}</span>
          </button>
        )
      }
    >
      {data ? (
        <div className={s.bank}>
          <IconBuildingBank stroke={1.7} aria-hidden />
          <div>
            <b>{data.bank_name}</b>
            <span className="mono">{says.payout.account(data.account_number, data.ifsc)}</span>
          </div>
          {data.verified_at ? (
            <Quiet>{says.payout.verified}</Quiet>
          ) : (
            <Pill tone="warn">{says.payout.notVerified}</Pill>
          )}
        </div>
      ) : isMissing ? (
        <>
          <p className={kit.said}>{says.payout.none}</p>
          {may && (
            <Button size="xs" variant="default" mt={10} onClick={open}>
              {says.payout.add}
            </Button>
          )}
        </>
      ) : error ? (
        <Failed what={says.payout.notLoaded} error={error} onRetry={() => void refetch()} />
      ) : (
        <RowSkeletons rows={1} />
      )}
      <PayoutForm isOpen={isOpen} close={close} known={data ?? null} />
    </Card>
  )
}
