import { ActionIcon } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { money } from '@/format/numbers'
import { dayOfYear } from '@/format/times'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Failed, kit, RowSkeletons, Tooltip } from '@/ui/kit'
import { says } from '../messages'
import s from './rail.module.css'

const SHOWN = 3

export function LatestInvoices() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { data, error, refetch } = queries.useQuery('get', '/v1/wallets/{wallet_id}/invoices', {
    params: { path: { wallet_id: wallet.id }, query: { limit: SHOWN } },
  })
  return (
    <Card
      title={says.invoices.title}
      padded={false}
      right={
        <Link to="/org/invoices" className={kit.link}>
          {says.invoices.all}
          <span className="vh">{says.invoices.allOf}</span>
        </Link>
      }
    >
      <div className={kit.cardBody}>
        {error && !data ? (
          <Failed what={says.invoices.notLoaded} error={error} onRetry={() => void refetch()} />
        ) : !data ? (
          <RowSkeletons rows={SHOWN} />
        ) : data.data.length === 0 ? (
          <p className={kit.said}>{says.invoices.none}</p>
        ) : (
          data.data.map(({ id, number, issued_at, totals }) => (
            <div key={id} className={s.invoice}>
              <div>
                <b className="mono">{number}</b>
                <small>{dayOfYear(issued_at, wallet.time_zone)}</small>
              </div>
              <span>{money(totals.total)}</span>
              <Tooltip label={says.invoices.download}>
                <ActionIcon
                  component="a"
                  href={`/v1/invoices/${id}.pdf`}
                  download
                  aria-label={says.invoices.downloadOf(number)}
                >
                  <IconDownload size={16} stroke={1.8} />
                </ActionIcon>
              </Tooltip>
            </div>
          ))
        )}
      </div>
    </Card>
  )
}
